//! Each rule on snippets that break it, and on some that only look as if.

use super::*;

fn complaints(rule: Rule, path: &str, text: &str) -> usize {
    rule(&File::new(path, text.into())).len()
}

/// Rows are: the file's path, its text, how many complaints it must raise.
#[track_caller]
fn table(rule: Rule, rows: &[(&str, &str, usize)]) {
    for (path, text, count) in rows {
        assert_eq!(complaints(rule, path, text), *count, "{path}: {text}");
    }
}

#[test]
fn arrows_are_one_way() {
    table(
        arrows,
        &[
            ("src/wire/parse.rs", "use crate::engine::ids::Time;", 1),
            ("src/wire/parse.rs", "use crate::limits;", 0),
            ("src/wire/parse.rs", "/// See [`crate::engine`].", 0),
            (
                "src/engine/shard.rs",
                "use crate::{limits, net::Loop, wire};",
                1,
            ),
            ("src/engine/shard.rs", "fn f() { crate::store::open() }", 1),
            ("src/engine/shard.rs", "use crate::engine::ids;", 0),
            (
                "src/store/mod.rs",
                "use crate::engine::{durable::Write, ids::Time};",
                0,
            ),
            ("src/store/mod.rs", "use crate::engine::shard::Shard;", 1),
            ("src/store/mod.rs", "use crate::engine;", 1),
            ("src/mesh/lane.rs", "use crate::engine::{Note, Event};", 1),
            ("src/ring/mod.rs", "use crate::wire;", 1),
            ("src/chat.rs", "use crate::engine;", 1),
            ("src/main.rs", "use pairline::engine;", 1),
            ("src/main.rs", "use pairline::{cli::Cli, server};", 0),
            (
                "src/sim/rig.rs",
                "use crate::{engine::Event, limits, wire};",
                0,
            ),
            ("src/sim/rig.rs", "use crate::mesh::Port;", 1),
            ("src/engine/shard.rs", "use crate::sim::Rig;", 1),
            ("src/load/mod.rs", "use crate::sim::live;", 1),
            ("src/newcomer.rs", "", 1),
            ("src/lib.rs", "pub use crate::engine;", 0),
        ],
    );
}

#[test]
fn super_stays_inside() {
    table(
        stays_inside,
        &[
            ("src/wire/mod.rs", "use super::limits;", 1),
            ("src/wire.rs", "use super::limits;", 1),
            ("src/wire/parse.rs", "use super::text;", 0),
            ("src/wire/parse.rs", "use super::super::limits;", 1),
            (
                "src/wire/parse.rs",
                "mod tests { use super::super::text; }",
                0,
            ),
            ("src/wire/parse/tests.rs", "use super::super::text;", 0),
        ],
    );
}

#[test]
fn purity_is_seen() {
    table(
        pure,
        &[
            (
                "src/engine/mod.rs",
                "use std::{collections::BTreeMap, net::IpAddr};",
                1,
            ),
            ("src/engine/mod.rs", "use std::fs;", 1),
            ("src/wire/mod.rs", "fn f() { std::thread::sleep(d) }", 1),
            ("src/wire/mod.rs", "use std::sync::Arc;", 1),
            ("src/wire/mod.rs", "use std::time::{Duration, Instant};", 1),
            (
                "src/wire/mod.rs",
                "use std::time as t; t::SystemTime::now()",
                1,
            ),
            ("src/engine/mod.rs", "use tokio::net::TcpStream;", 1),
            (
                "src/engine/mod.rs",
                "use crossbeam::channel; use libc::c_int;",
                2,
            ),
            (
                "src/engine/mod.rs",
                "// std::fs, tokio\nuse std::time::Duration;",
                0,
            ),
            ("src/net/mod.rs", "use std::net::IpAddr;", 0),
        ],
    );
}

#[test]
fn hash_order_is_seen() {
    let with = |walk: &str| {
        format!("struct S {{ users: HashMap<K, V>, list: Vec<V> }} fn f(&self) {{ {walk} }}")
    };
    let walks = [
        ("self.users.iter()", 1),
        ("self.users\n    .keys()", 1),
        ("self.users.values()", 1),
        ("self.users.drain()", 1),
        ("self.users.retain(|_, _| true)", 1),
        ("for user in &self.users {}", 1),
        ("for user in &mut self.users {}", 1),
        ("for user in self.users {}", 1),
        ("self.users.get(&id); self.list.iter()", 0),
        ("for user in &self.list {}", 0),
        ("if self.users.contains_key(&id) {}", 0),
    ];
    for (walk, count) in walks {
        assert_eq!(
            complaints(own_hash_order, "src/engine/a.rs", &with(walk)),
            count,
            "{walk}"
        );
    }
    table(
        own_hash_order,
        &[
            (
                "src/engine/a.rs",
                "let mut seen = HashSet::new(); for x in &seen {}",
                1,
            ),
            (
                "src/engine/a.rs",
                "fn f(m: &std::collections::HashMap<A, B>) { m.values() }",
                1,
            ),
            (
                "src/engine/a.rs",
                "fn f(m: &FxHashMap<A, B>) { m.values() }",
                1,
            ),
            ("src/http/a.rs", "fn f(m: &HashMap<A, B>) { m.values() }", 0),
        ],
    );
}

#[test]
fn the_hash_tables_of_other_files_are_known() {
    let users = ["users".to_owned()];
    let file = |text: &str| File::new("src/engine/b.rs", text.into());
    for walk in [
        "self.users.iter()",
        "for user in &self.users {}",
        "self.a.users.keys()",
    ] {
        assert_eq!(hash_order(&file(walk), &users).len(), 1, "{walk}");
    }
    for tame in [
        "users.iter()",
        "self.all_users.iter()",
        "self.users.get(&id)",
    ] {
        assert_eq!(hash_order(&file(tame), &users).len(), 0, "{tame}");
    }
}

fn own_hash_order(file: &File) -> Vec<String> {
    hash_order(file, &[])
}

#[test]
fn homes_are_kept() {
    table(
        homes,
        &[
            ("src/http/mod.rs", "use rusqlite::Connection;", 1),
            ("src/store/sqlite.rs", "use rusqlite::Connection;", 0),
            ("src/net/mod.rs", "use io_uring::IoUring; libc::close(3)", 2),
            (
                "src/ring/mod.rs",
                "use io_uring::IoUring; libc::close(3)",
                0,
            ),
            ("src/net/mod.rs", "// libc and io_uring", 0),
        ],
    );
}

#[test]
fn unsafe_code_is_seen() {
    let says_so = "//! Raw.\n#![allow(unsafe_code)]\n// The kernel wants pointers.\nfn f() { unsafe { g() } }";
    table(
        unsafe_code,
        &[
            ("src/ring/raw.rs", says_so, 0),
            (
                "src/ring/raw.rs",
                "#![allow(unsafe_code)] // Why.\nunsafe fn f() {}",
                0,
            ),
            (
                "src/ring/raw.rs",
                "#![allow(unsafe_code)]\nunsafe fn f() {}",
                1,
            ),
            ("src/net/raw.rs", says_so, 1),
            ("src/ring/raw.rs", "fn f() { unsafe { g() } }", 1),
            (
                "src/ring/raw.rs",
                "fn f() {}\n#[allow(unsafe_code)]\nfn h() { unsafe { g() } }",
                1,
            ),
            ("src/net/raw.rs", "#[allow(unsafe_code)]\nfn f() {}", 1),
            ("src/lib.rs", "#![deny(unsafe_code)]", 0),
        ],
    );
}

#[test]
fn async_is_seen() {
    table(
        no_async,
        &[
            ("src/net/mod.rs", "async fn f() {}", 1),
            ("src/ring/mod.rs", "f()\n    .await", 1),
            ("src/http/mod.rs", "async fn f() { g().await }", 0),
            ("src/net/mod.rs", "// no async here", 0),
        ],
    );
}

#[test]
fn unfinished_work_is_seen() {
    for mark in [
        concat!("// TO", "DO: later"),
        concat!("// FIX", "ME"),
        concat!("todo", "!()"),
        concat!("unimplemented", "!()"),
        concat!("#[", "ignore = \"slow\"]"),
        concat!("dbg", "!(x)"),
    ] {
        assert_eq!(complaints(unfinished, "src/net/mod.rs", mark), 1, "{mark}");
    }
    assert_eq!(complaints(unfinished, "src/net/mod.rs", "// done"), 0);
}

#[test]
fn length_is_seen() {
    let file = File::new("src/a.rs", "\n".repeat(11));
    assert_eq!(too_long(&file, 10).len(), 1);
    assert_eq!(too_long(&file, 11).len(), 0);
}

#[test]
fn registries_are_seen() {
    let text = concat!("see https://crates", ".io/crates/slab");
    assert_eq!(registries("README.md", text).len(), 1);
    assert_eq!(registries("README.md", "see the registry").len(), 0);
    let mirror = "source = \"sparse+https://mirror.example/index/\"";
    assert_eq!(foreign_sources(mirror).len(), 1);
    assert_eq!(foreign_sources("name = \"slab\"").len(), 0);
}
