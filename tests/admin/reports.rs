//! The queue of reports, and what is kept of what was reported.

use serde_json::{Value, json};

use crate::rig::users::{Town, User};
use crate::rig::{Setup, http_get};
use crate::{ann, bob, town};

#[track_caller]
fn report(town: &Town, by: &User, keys: Value) {
    let mut body = json!({"type": "report_request", "token": by.token});
    for (key, value) in keys.as_object().expect("an object") {
        body[key] = value.clone();
    }
    town.done(body);
}

fn ids(page: &Value) -> Vec<i64> {
    let reports = page["reports"].as_array().expect("a list");
    let id = |report: &Value| report["id"].as_i64().expect("a number");
    reports.iter().map(id).collect()
}

#[test]
fn reports_wait_until_they_are_dealt_with() {
    let town = town(1);
    let (ann, bob) = (ann(&town), bob(&town));
    for _ in 0..2 {
        report(
            &town,
            &ann,
            json!({"user_id": bob.id, "reason": "粗鲁 \"<b>"}),
        );
    }
    report(&town, &bob, json!({"user_id": ann.id, "reason": "x"}));
    let operator = town.server.operator();
    let page = operator.get("/admin/reports");
    assert_eq!(
        (&page["type"], &page["open"]),
        (&json!("admin_reports"), &json!(2))
    );
    let [newer, older] = ids(&page)[..] else {
        panic!("{page}")
    };
    assert!(newer > older);
    let first = &page["reports"][1];
    for (key, wanted) in [
        ("by", json!(ann.id)),
        ("kind", json!("user")),
        ("about", json!(bob.id)),
        ("whom", json!(bob.id)),
        ("reason", json!("粗鲁 \"<b>")),
        ("state", json!("open")),
        ("evidence", Value::Null),
        ("picture_content", Value::Null),
    ] {
        assert_eq!(first[key], wanted, "{key}");
    }
    assert!(first["time_at"].is_i64() && first["time"].is_string());

    let path = format!("/admin/reports/{older}/resolve");
    operator.post(&path, json!({"outcome": "warned"}));
    operator.refused(10, "POST", &path, Value::Null);
    let deed = operator.get("/admin/audit?limit=2")["audit"][1].clone();
    assert_eq!(
        (&deed["action"], &deed["detail"]),
        (&json!("resolve"), &json!("warned"))
    );
    assert_eq!(ids(&operator.get("/admin/reports")), [newer]);
    let dealt_with = operator.get("/admin/reports?state=resolved");
    assert_eq!(ids(&dealt_with), [older]);
    let dealt_with = &dealt_with["reports"][0];
    assert_eq!(
        (&dealt_with["state"], &dealt_with["outcome"]),
        (&json!("resolved"), &json!("warned"))
    );
    assert!(dealt_with["resolved_at"].is_i64());
    assert_eq!(
        ids(&operator.get("/admin/reports?state=all")),
        [newer, older]
    );
    assert_eq!(
        ids(&operator.get("/admin/reports?state=all&limit=1")),
        [newer]
    );
    let rest = operator.get(&format!("/admin/reports?state=all&before={newer}"));
    assert_eq!(ids(&rest), [older]);
    let about = operator.get(&format!("/admin/reports?state=all&whom={}", bob.id));
    assert_eq!(ids(&about), [older]);
    // The same once more is news again.
    report(
        &town,
        &ann,
        json!({"user_id": bob.id, "reason": "粗鲁 \"<b>"}),
    );
    assert_eq!(operator.get("/admin/reports")["open"], 2);
}

#[test]
fn what_is_no_report_is_refused_and_named() {
    let town = town(1);
    let operator = town.server.operator();
    for id in ["1", "x", "-1"] {
        operator.refused(
            9,
            "POST",
            &format!("/admin/reports/{id}/resolve"),
            json!({}),
        );
    }
    let long = json!({"outcome": "x".repeat(1025)});
    let refused = operator.refused(3, "POST", "/admin/reports/1/resolve", long);
    assert_eq!(refused["key"], "outcome");
    for (query, key) in [
        ("state=x", "state"),
        ("limit=101", "limit"),
        ("before=1x", "before"),
    ] {
        let refused = operator.refused(3, "GET", &format!("/admin/reports?{query}"), Value::Null);
        assert_eq!(refused["key"], key);
    }
}

/// Ann reports a picture of Bob's, who then takes it back.
fn taken_back(town: &Town) -> (String, Value) {
    let (ann, bob) = (ann(town), bob(town));
    let picture = town.publish(&bob);
    report(town, &ann, json!({"picture_id": picture, "reason": "x"}));
    let operator = town.server.operator();
    let shown = operator.get("/admin/reports")["reports"][0].clone();
    assert_eq!(
        (&shown["kind"], &shown["whom"]),
        (&json!("picture"), &json!(bob.id))
    );
    assert_eq!(shown["picture_content"], format!("/uploads/{picture}.jpeg"));
    town.done(json!({"type": "picture_delete_request", "token": bob.token, "picture_id": picture}));
    assert_eq!(
        http_get(town.server.http, &format!("/uploads/{picture}.jpeg")).0,
        404
    );
    (
        picture,
        operator.get("/admin/reports")["reports"][0].clone(),
    )
}

#[test]
fn a_reported_picture_goes_with_its_owner_unless_it_is_to_be_kept() {
    let town = town(1);
    let (picture, shown) = taken_back(&town);
    assert_eq!(shown["about"], picture.as_str());
    assert_eq!(shown["picture_content"], Value::Null);
    let reply = town
        .server
        .operator()
        .send("GET", &format!("/admin/evidence/{picture}.jpeg"), "");
    assert_eq!(reply.status, 404);
}

#[test]
fn a_reported_picture_is_kept_for_operators_alone() {
    let town = Town::start(Setup::new(1).operated().set("keep_evidence", true));
    let (picture, shown) = taken_back(&town);
    let path = format!("/admin/evidence/{picture}.jpeg");
    assert_eq!(shown["picture_content"], path.as_str());
    // Not even a restart sweeps it up.
    let town = town.again();
    let operator = town.server.operator();
    let reply = operator.send("GET", &path, "");
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("content-type"), Some("image/jpeg"));
    assert_eq!(reply.header("cache-control"), Some("private, no-store"));
    assert!(reply.body.starts_with(b"\xff\xd8"));
    assert_eq!(http_get(town.server.http, &path).0, 401);
    assert_eq!(
        http_get(town.server.http, &format!("/uploads/{picture}.jpeg")).0,
        404
    );
    // A backup has it as well.
    let place = tempfile::tempdir().expect("a temporary directory");
    let (file, data) = (place.path().join("backup.tar"), place.path().join("data"));
    for (words, data) in [("backup", town.server.data()), ("restore", &data)] {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_pairline"));
        let done = command
            .arg(words)
            .arg(&file)
            .arg("--data")
            .arg(data)
            .output();
        assert!(done.expect("the binary runs").status.success(), "{words}");
    }
    let restored = Setup::new(1).operated().data_at(&data).start();
    assert_eq!(restored.operator().send("GET", &path, "").status, 200);
    for name in ["x", "1.gif", "..%2fpairline.db", "%ff", "999.jpeg"] {
        let reply = operator.send("GET", &format!("/admin/evidence/{name}"), "");
        assert_eq!(reply.status, 404, "{name}");
    }
}
