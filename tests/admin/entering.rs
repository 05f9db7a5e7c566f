//! Who is let in, with what, and what else must be right about a request.

use serde_json::{Value, json};

use crate::rig::http::{Reply, Request};
use crate::rig::operator::TOKEN;
use crate::rig::{Server, Setup};

fn start() -> Server {
    Setup::new(1).operated().set("http_rate", 0).start()
}

/// Somebody who has logged in with a browser.
struct Desk {
    server: Server,
    cookie: String,
    csrf: String,
}

impl Desk {
    #[track_caller]
    fn open(server: Server) -> Desk {
        let reply = log_in(&server, TOKEN);
        assert_eq!(reply.status, 200, "{reply:?}");
        let body = reply.json();
        assert_eq!(body["type"], "admin_login");
        Desk {
            cookie: reply.cookie("pairline_desk").expect("a cookie").to_owned(),
            csrf: body["csrf"].as_str().expect("a secret").to_owned(),
            server,
        }
    }

    fn request(&self, method: &str, path: &str) -> Request {
        let cookie = format!("other=1; pairline_desk={}", self.cookie);
        Request::new(method, path).header("Cookie", &cookie)
    }

    /// As the desk's page makes it.
    fn change(&self, method: &str, path: &str) -> Request {
        self.request(method, path)
            .header("X-CSRF-Token", &self.csrf)
            .header("Sec-Fetch-Site", "same-origin")
    }

    fn send(&self, request: Request) -> Reply {
        request.send(self.server.http)
    }
}

fn log_in(server: &Server, token: &str) -> Reply {
    let body = json!({"token": token}).to_string();
    Request::new("POST", "/admin/login")
        .body(body)
        .send(server.http)
}

#[track_caller]
fn expect_401(reply: &Reply) {
    assert_eq!(reply.status, 401, "{reply:?}");
    assert_eq!(reply.json()["error_no"], 8);
    assert_eq!(reply.header("www-authenticate"), Some("Bearer"));
}

#[test]
fn nobody_else_comes_in_on_any_path() {
    let server = start();
    for method in ["GET", "HEAD", "POST", "DELETE", "PUT", "OPTIONS"] {
        for path in [
            "/admin/session",
            "/admin/audit",
            "/admin/audit?token=an-operator-of-the-tests",
            "/admin/no/such/thing",
            "/admin/logout",
        ] {
            let bare = Request::new(method, path).send(server.http);
            assert_eq!(bare.status, 401, "{method} {path}");
            let user = Request::new(method, path).header("Cookie", "token=x; pairline_desk=x");
            assert_eq!(user.send(server.http).status, 401, "{method} {path}");
        }
    }
    expect_401(&Request::new("GET", "/admin/audit").send(server.http));
    for header in ["Basic eDp5", "Bearer", "an-operator-of-the-tests"] {
        let request = Request::new("GET", "/admin/audit").header("Authorization", header);
        expect_401(&request.send(server.http));
    }
}

#[test]
fn the_token_opens_everything_there_is() {
    let server = start();
    let operator = server.operator();
    let session = operator.get("/admin/session");
    assert_eq!(session["type"], "admin_session");
    assert_eq!(session["who"], "token");
    assert_eq!(session["csrf"], Value::Null);
    let reply = operator.send("GET", "/admin/session", "");
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    assert_eq!(operator.send("GET", "/admin/no", "").status, 404);
    assert_eq!(operator.send("GET", "/admin/no", "").json()["error_no"], 9);
    let wrong = operator.send("POST", "/admin/audit", "{}");
    assert_eq!((wrong.status, &wrong.json()["error_no"]), (405, &json!(10)));
    assert!(
        wrong
            .header("allow")
            .is_some_and(|allow| allow.contains("GET"))
    );
    let changing = operator.send("GET", "/admin/logout", "");
    assert_eq!(changing.status, 405);
    operator.refused(3, "GET", "/admin/audit?limit=0", Value::Null);
    operator.refused(3, "GET", "/admin/audit?before=x", Value::Null);
}

#[test]
fn a_log_in_gives_a_cookie_that_reads() {
    let desk = Desk::open(start());
    let reply = log_in(&desk.server, TOKEN);
    let set = reply.header("set-cookie").expect("a cookie").to_owned();
    for part in [
        "HttpOnly",
        "SameSite=Strict",
        "Path=/admin",
        "Max-Age=43200",
    ] {
        assert!(set.contains(part), "{set}");
    }
    let session = desk.send(desk.request("GET", "/admin/session"));
    let session = session.json();
    assert_eq!(session["csrf"], desk.csrf.as_str());
    let who = session["who"].as_str().expect("a name").to_owned();
    assert!(who.starts_with("desk-"));
    assert!(session["expires_at"].as_i64().is_some());
    // The log-in itself is written down under that name.
    let audit = desk.send(desk.request("GET", "/admin/audit")).json();
    let entry = &audit["audit"][1];
    assert_eq!(
        (&entry["action"], &entry["who"], &entry["result"]),
        (&json!("login"), &json!(who), &json!("done"))
    );
    assert_eq!(entry["address"], "127.0.0.1");
}

#[test]
fn a_wrong_log_in_gives_nothing() {
    let server = start();
    let wrong = log_in(&server, "an-operator-of-the-test");
    expect_401(&wrong);
    assert!(wrong.header("set-cookie").is_none());
    expect_401(&log_in(&server, &"x".repeat(5000)));
    for (body, error_no) in [("", 3), ("[]", 2), ("{}", 3), (r#"{"token":1}"#, 3)] {
        let reply = Request::new("POST", "/admin/login")
            .body(body)
            .send(server.http);
        assert_eq!(
            (reply.status, &reply.json()["error_no"]),
            (200, &json!(error_no)),
            "{body}"
        );
    }
    let large = vec![b' '; 70_000];
    let reply = Request::new("POST", "/admin/login")
        .body(large)
        .send(server.http);
    assert_eq!(reply.status, 413);
    assert_eq!(
        Request::new("GET", "/admin/login").send(server.http).status,
        405
    );
    // Nor does it when another page asks.
    let body = json!({"token": TOKEN}).to_string();
    let request = Request::new("POST", "/admin/login").body(body);
    let foreign = request
        .header("Origin", "http://evil.example")
        .send(server.http);
    assert_eq!(foreign.status, 403);
}

#[test]
fn a_change_by_cookie_must_be_meant() {
    let desk = Desk::open(start());
    let bare = |method| desk.request(method, "/admin/logout");
    let meant = |request: Request| request.header("X-CSRF-Token", &desk.csrf);
    let here = desk.server.http.to_string();
    let refused = [
        bare("POST"),
        bare("POST").header("Sec-Fetch-Site", "same-origin"),
        bare("POST")
            .header("Sec-Fetch-Site", "same-origin")
            .header("X-CSRF-Token", "x"),
        meant(bare("POST")),
        meant(bare("POST")).header("Sec-Fetch-Site", "cross-site"),
        meant(bare("POST")).header("Sec-Fetch-Site", "same-site"),
        meant(bare("POST")).header("Origin", "http://evil.example"),
        meant(bare("POST")).header("Origin", &format!("http://{here}.evil.example")),
        bare("DELETE").header("Sec-Fetch-Site", "same-origin"),
        bare("PUT"),
    ];
    for (at, request) in refused.into_iter().enumerate() {
        let reply = desk.send(request);
        assert_eq!(
            (reply.status, &reply.json()["error_no"]),
            (403, &json!(10)),
            "{at}"
        );
    }
    // Nothing of that has ended it.
    assert_eq!(desk.send(desk.request("GET", "/admin/session")).status, 200);
    let own = meant(bare("POST")).header("Origin", &format!("http://{here}"));
    assert_eq!(desk.send(own).status, 200);
}

#[test]
fn a_log_out_ends_this_log_in_alone() {
    let one = Desk::open(start());
    let other = log_in(&one.server, TOKEN);
    let other = other.cookie("pairline_desk").expect("a cookie").to_owned();
    let out = one.send(one.change("POST", "/admin/logout"));
    assert_eq!(out.status, 200);
    assert_eq!(out.cookie("pairline_desk"), Some(""));
    expect_401(&one.send(one.request("GET", "/admin/session")));
    let cookie = format!("pairline_desk={other}");
    let still = Request::new("GET", "/admin/session").header("Cookie", &cookie);
    assert_eq!(still.send(one.server.http).status, 200);
    assert_eq!(one.server.operator().last_deed()["action"], "logout");
    // Nor does any outlive the process.
    let again = one.server.again();
    expect_401(&still.send(again.http));
}

#[test]
fn the_audit_is_read_page_by_page() {
    let server = start();
    for _ in 0..5 {
        assert_eq!(log_in(&server, TOKEN).status, 200);
    }
    let operator = server.operator();
    let ids = |path: &str| -> Vec<i64> {
        let page = operator.get(path);
        let entries = page["audit"].as_array().expect("a list").clone();
        entries
            .iter()
            .map(|entry| entry["id"].as_i64().expect("a number"))
            .collect()
    };
    let all = ids("/admin/audit");
    assert_eq!(all.len(), 5);
    assert!(all.is_sorted_by(|a, b| a > b));
    assert_eq!(ids("/admin/audit?limit=2"), all[..2]);
    assert_eq!(
        ids(&format!("/admin/audit?limit=2&before={}", all[1])),
        all[2..4]
    );
    assert_eq!(ids(&format!("/admin/audit?before={}", all[4])), all[5..]);
}

#[test]
fn admin_listen_moves_the_desk() {
    let server = Setup::new(1)
        .operated()
        .set("admin_listen", "127.0.0.1:0")
        .start();
    let log = server.log();
    let moved = log.lines().find_map(|line| {
        let line: Value = serde_json::from_str(line).ok()?;
        let its = line["message"] == "admin_listen";
        its.then(|| line["address"].as_str()?.parse().ok())?
    });
    let moved = moved.expect("the log tells where it is");
    let bearer = format!("Bearer {TOKEN}");
    let request = |path: &str| Request::new("GET", path).header("Authorization", &bearer);
    assert_eq!(request("/admin/session").send(moved).status, 200);
    for path in ["/admin/session", "/admin/audit", "/admin/", "/admin"] {
        assert_eq!(request(path).send(server.http).status, 404, "{path}");
    }
    let body = json!({"token": TOKEN}).to_string();
    let login = Request::new("POST", "/admin/login").body(body);
    assert_eq!(login.send(server.http).status, 404);
    assert_eq!(login.send(moved).status, 200);
}
