//! In and out, and the figures that move meanwhile.

use super::{Desk, TOKEN, town};
use crate::generator::load;
use crate::rig::http::Request;

#[test]
fn a_wrong_token_does_not_open_it_and_the_right_one_does() {
    let town = town();
    let mut desk = Desk::open(&town);
    desk.log_in("wrong");
    desk.wait("document.getElementById('login-error').textContent");
    assert_eq!(
        desk.browser
            .evaluate("document.getElementById('desk').hidden"),
        true
    );
    desk.log_in(TOKEN);
    desk.wait_text("#phase", "ready");
    // A page that is loaded anew is still logged in.
    desk.browser
        .open(&format!("http://{}/admin/", town.server.http));
    desk.wait_text("#phase", "ready");
    desk.click("#logout");
    desk.wait("!document.getElementById('login').hidden");
    assert_eq!(town.server.operator().last_deed()["action"], "logout");
    desk.is_calm(&town);
}

#[test]
fn figures_move_while_there_is_traffic() {
    let town = town();
    let mut desk = Desk::logged_in(&town);
    desk.wait("document.getElementById('now-sessions').textContent === '0'");
    let words = format!(
        "mix --chat {} --pairs 10 --rate 200 --duration 4s --warmup 200ms",
        town.server.chat
    );
    std::thread::scope(|scope| {
        let run = scope.spawn(|| load(&words));
        desk.wait("Number(document.getElementById('now-sessions').textContent) >= 10");
        desk.wait("parseFloat(document.getElementById('now-lines').textContent) > 0");
        desk.wait("parseFloat(document.getElementById('now-relay_p99').textContent) > 0");
        run.join().expect("it runs").fine();
    });
    desk.wait("document.getElementById('now-sessions').textContent === '0'");
    desk.is_calm(&town);
}

#[test]
fn its_files_may_do_nothing_but_what_it_needs() {
    let town = town();
    let mut desk = Desk::logged_in(&town);
    desk.wait_text("#phase", "ready");
    let mut bytes = 0;
    let mut files = desk.browser.requests();
    files.retain(|url| url.ends_with("/admin/") || url.contains("/admin/page/"));
    files.sort_unstable();
    files.dedup();
    assert!(files.len() > 10, "{files:?}");
    for url in files {
        let (_, path) = url.split_once("/admin/").expect("it is the desk's");
        let reply = Request::new("GET", &format!("/admin/{path}")).send(town.server.http);
        assert_eq!(reply.status, 200, "{path}");
        bytes += reply.body.len();
        let policy = reply.header("content-security-policy").expect("a policy");
        assert!(policy.starts_with("default-src 'none';"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(reply.header("cache-control"), Some("no-store"));
    }
    assert!(bytes < 250_000, "{bytes}");
}
