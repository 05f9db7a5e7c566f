//! Ten thousand at once: no number is given twice, none is left out.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread;

use rusqlite::{Connection, params};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{create, draw, seen, tickets, town};
use crate::rig::{PATIENCE, Server};

const USERS: usize = 10_000;
/// Connections, each with as many requests at once.
const CONNECTIONS: usize = 500;

/// Users as registrations would have left them, without ten thousand SMS.
fn settle(server: &Server) {
    let mut store = Connection::open(server.data().join("pairline.db")).expect("the store");
    let transaction = store.transaction().expect("a transaction");
    for number in 0..USERS {
        transaction
            .execute(
                "INSERT INTO users (id, tel, nickname, gender, birthday, pic_id, location, words, registered)
                 VALUES (?1, ?2, '', 'F', '', '', '', '', 1)",
                params![id(number), format!("+86{number:011}")],
            )
            .expect("a user");
        let hash: [u8; 32] = Sha256::digest(token(number)).into();
        transaction
            .execute(
                "INSERT INTO sessions (token, user_key, expires) VALUES (?1, ?2, ?3)",
                params![hash, transaction.last_insert_rowid(), i64::MAX],
            )
            .expect("a session");
    }
    transaction.commit().expect("it is kept");
}

fn id(number: usize) -> String {
    format!("u{number:016}")
}

fn token(number: usize) -> String {
    format!("token{number}")
}

/// Each of these users joins, all on one connection; the numbers that they get.
fn join(to: SocketAddr, users: impl Iterator<Item = usize>) -> Vec<u64> {
    let mut stream = TcpStream::connect_timeout(&to, PATIENCE).expect("a connection");
    stream
        .set_read_timeout(Some(4 * PATIENCE))
        .expect("it is not zero");
    let mut requests = String::new();
    for user in users {
        let body = format!(r#"{{"token":"{}","id":"lucky1"}}"#, token(user));
        requests += &format!(
            "POST /v1/lucky_join_request HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
    }
    requests += "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    stream
        .write_all(requests.as_bytes())
        .expect("they are taken");
    let mut answers = String::new();
    stream.read_to_string(&mut answers).expect("answers");
    let bodies = answers.lines().filter_map(|line| line.split_once('{'));
    bodies
        .map(|(_, inside)| {
            let end = inside.find('}').expect("an object");
            let body: Value =
                serde_json::from_str(&format!("{{{}", &inside[..=end])).expect("JSON");
            assert_eq!(body["error_no"], 0, "{body}");
            body["number"].as_u64().expect("a number")
        })
        .collect()
}

#[test]
fn ten_thousand_at_once_leave_no_gap() {
    let town = town();
    create(&town, draw("lucky1", u32::try_from(USERS).unwrap()));
    settle(&town.server);
    let to = town.server.http;
    let crowd: Vec<_> = (0..CONNECTIONS)
        .map(|first| {
            let users = (first..USERS).step_by(CONNECTIONS);
            thread::Builder::new()
                .stack_size(256 * 1024)
                .spawn(move || join(to, users))
                .expect("a thread")
        })
        .collect();
    let mut numbers: Vec<u64> = crowd
        .into_iter()
        .flat_map(|one| one.join().expect("it did not panic"))
        .collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=USERS as u64).collect::<Vec<_>>());
    assert_eq!(seen(&town, "lucky1", None)["current_count"], USERS);

    town.server
        .operator()
        .post("/admin/lucky/lucky1/close", Value::Null);
    let (list, hash) = tickets(&town, "lucky1");
    assert_eq!(
        seen(&town, "lucky1", None)["tickets_sha256"],
        Value::from(hash)
    );
    let mut users = BTreeSet::new();
    for (line, number) in list.lines().zip(1..) {
        let (own, user) = line.split_once(' ').expect("a ticket");
        assert_eq!(own, number.to_string());
        assert!(users.insert(user.to_owned()), "{user} has two tickets");
    }
    assert_eq!(users.len(), USERS);
}
