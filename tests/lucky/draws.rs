//! Operators: making, closing and deciding.

use serde_json::{Value, json};

use super::{create, draw, join, person, seen, tickets, town};
use crate::rig::Setup;
use crate::rig::http::Request;
use crate::rig::users::Town;

fn with(mut draw: Value, key: &str, value: Value) -> Value {
    draw[key] = value;
    draw
}

#[test]
fn a_new_draw_tells_how_much_of_it_can_win() {
    let town = town();
    let reply = create(&town, draw("lucky1", 3000));
    assert_eq!(reply["winnable_share"], 0.2983);
    assert_eq!(reply["winnable_tickets"], 895);
    assert_eq!(reply["lucky"], seen(&town, "lucky1", None));
    let fair = with(draw("lucky2", 3000), "rule", json!("sha256"));
    let reply = create(&town, fair);
    assert!(reply.get("winnable_share").is_none());
    assert_eq!(reply["lucky"]["rule"], "sha256");
    // Newest first, for operators as well.
    let operator = town.server.operator();
    let listed = operator.get("/admin/lucky")["lucky"].clone();
    let ids: Vec<_> = listed
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["id"])
        .collect();
    assert_eq!(ids, ["lucky2", "lucky1"]);

    operator.refused(13, "POST", "/admin/lucky", draw("lucky1", 7));
    assert_eq!(seen(&town, "lucky1", None)["max_count"], 3000);
}

#[test]
fn a_draw_is_what_it_may_be() {
    let town = town();
    let operator = town.server.operator();
    let long = |bytes: usize| json!("x".repeat(bytes));
    for (key, values) in [
        (
            "id",
            vec![
                json!(""),
                json!(null),
                json!(1),
                json!("a b"),
                json!("a/b"),
                json!("抽"),
                json!("."),
                json!(".."),
                json!("a\n"),
                long(65),
            ],
        ),
        ("name", vec![json!(""), json!(null), json!({}), long(257)]),
        ("image", vec![json!(null), json!(7), long(1025)]),
        ("desc", vec![json!(null), json!([]), long(4097)]),
        (
            "max_count",
            vec![
                json!(0),
                json!(-1),
                json!("3000"),
                json!(1.5),
                json!(null),
                json!(1_000_001),
                json!(4_294_967_296_u64),
            ],
        ),
        (
            "rule",
            vec![json!(""), json!("Concat"), json!("md5"), json!(1)],
        ),
        ("auto_close", vec![json!("true"), json!(1)]),
    ] {
        for value in values {
            let body = with(draw("lucky1", 3), key, value);
            let reply = operator.refused(3, "POST", "/admin/lucky", body);
            assert_eq!(reply["key"], key, "{reply}");
        }
    }
    assert_eq!(operator.get("/admin/lucky")["lucky"], json!([]));
    let most = json!({
        "id": format!("{}._-", "x".repeat(61)), "name": long(256), "image": "", "desc": long(4096),
        "max_count": 1_000_000, "rule": "concat", "auto_close": null,
    });
    let reply = create(&town, most);
    assert!(reply["winnable_tickets"].as_u64().unwrap() <= 575_757);
}

#[test]
fn a_draw_is_closed_and_decided_once_and_in_this_order() {
    let town = town();
    let operator = town.server.operator();
    create(&town, draw("lucky1", 3));
    let (close, decide) = ("/admin/lucky/lucky1/close", "/admin/lucky/lucky1/draw");
    let numbers = |numbers: Value| json!({"numbers": numbers});
    let right = numbers(json!([24, 3, 38, 9, 17]));
    let people = [1, 2, 3, 4].map(|number| person(&town, number));
    for user in &people[..2] {
        town.done(join(user, "lucky1"));
    }
    let early = operator.refused(10, "POST", close, json!({}));
    assert_eq!(early["lucky"]["current_count"], 2);
    operator.refused(10, "POST", decide, right.clone());
    // One may join beyond what it waits for.
    for user in &people[2..] {
        town.done(join(user, "lucky1"));
    }
    operator.refused(10, "POST", decide, right.clone());

    let reply = operator.post(close, json!({}));
    assert_eq!(reply["type"], "admin_lucky_close");
    let (_, hash) = tickets(&town, "lucky1");
    let closed = seen(&town, "lucky1", None);
    assert_eq!(reply["lucky"], closed);
    assert_eq!(closed["tickets_sha256"], json!(hash));
    assert!(closed["closed_at"].is_i64() && closed["closed"].is_string());
    assert!(closed.get("winner").is_none() && closed.get("drawn").is_none());
    let again = operator.refused(10, "POST", close, json!({}));
    assert_eq!(again["lucky"], closed);

    for bad in [
        json!([3, 9, 17, 24]),
        json!([3, 9, 17, 24, 38, 39]),
        json!([3, 9, 17, 24, 24]),
        json!([0, 9, 17, 24, 38]),
        json!([3, 9, 17, 24, 40]),
        json!([3, 9, 17, 24, 38.0]),
        json!(null),
        json!([]),
        json!(["3", "9", "17", "24", "38"]),
        json!([3, 9, 17, 24, -38]),
        json!("3"),
    ] {
        let reply = operator.refused(3, "POST", decide, numbers(bad));
        assert_eq!(reply["key"], "numbers");
    }
    let reply = operator.post(decide, right);
    assert_eq!(reply["type"], "admin_lucky_draw");
    let number = usize::try_from(309_172_438 % 4).unwrap() + 1;
    assert_eq!(reply["winner_number"], number);
    assert_eq!(reply["winner"], json!(people[number - 1].id));
    let decided = seen(&town, "lucky1", None);
    assert_eq!(reply["lucky"], decided);
    assert_eq!(decided["numbers"], json!([3, 9, 17, 24, 38]));
    assert_eq!(decided["winner_number"], number);
    // Other numbers come too late.
    let again = operator.refused(10, "POST", decide, numbers(json!([1, 2, 3, 4, 5])));
    assert_eq!(again["lucky"], decided);
    for (place, user) in people.iter().enumerate() {
        let own = seen(&town, "lucky1", Some(user));
        assert_eq!(
            (&own["number"], &own["won"]),
            (&json!(place + 1), &json!(place + 1 == number))
        );
    }
    let town = town.again();
    assert_eq!(seen(&town, "lucky1", None), decided);
}

#[test]
fn a_draw_can_close_by_itself() {
    let town = town();
    create(&town, with(draw("lucky1", 2), "auto_close", json!(true)));
    let people = [1, 2, 3].map(|number| person(&town, number));
    town.done(join(&people[0], "lucky1"));
    assert!(seen(&town, "lucky1", None).get("closed").is_none());
    assert_eq!(town.done(join(&people[1], "lucky1"))["current_count"], 2);
    town.refused(10, join(&people[2], "lucky1"));
    let closed = seen(&town, "lucky1", None);
    let (list, hash) = tickets(&town, "lucky1");
    assert_eq!(list, format!("1 {}\n2 {}\n", people[0].id, people[1].id));
    assert_eq!(closed["tickets_sha256"], json!(hash));
    let operator = town.server.operator();
    operator.refused(10, "POST", "/admin/lucky/lucky1/close", json!({}));
    operator.post(
        "/admin/lucky/lucky1/draw",
        json!({"numbers": [1, 2, 3, 4, 5]}),
    );
}

#[test]
fn the_fair_rule_is_what_the_documents_say() {
    let town = town();
    create(&town, with(draw("fair", 5), "rule", json!("sha256")));
    let people = [1, 2, 3, 4, 5].map(|number| person(&town, number));
    for user in &people {
        town.done(join(user, "fair"));
    }
    let operator = town.server.operator();
    operator.post("/admin/lucky/fair/close", json!({}));
    let (_, hash) = tickets(&town, "fair");
    let reply = operator.post(
        "/admin/lucky/fair/draw",
        json!({"numbers": [3, 9, 17, 24, 38]}),
    );
    let digest = <sha2::Sha256 as sha2::Digest>::digest(format!("0309172438:{hash}"));
    let rest = digest
        .iter()
        .fold(0, |rest: u32, byte| (rest * 256 + u32::from(*byte)) % 5);
    assert_eq!(reply["winner_number"], rest + 1);
    assert_eq!(reply["winner"], json!(people[rest as usize].id));
}

#[test]
fn nobody_but_an_operator_steers_a_draw_and_all_of_it_is_written_down() {
    let town = town();
    let operator = town.server.operator();
    create(&town, draw("lucky1", 1));
    let deed = operator.last_deed();
    assert_eq!(
        (&deed["action"], &deed["about"]),
        (&json!("lucky_create"), &json!("lucky1"))
    );
    let user = person(&town, 1);
    town.done(join(&user, "lucky1"));
    let numbers = json!({"numbers": [1, 2, 3, 4, 5]}).to_string();
    for (path, body) in [
        ("/admin/lucky", draw("lucky2", 1).to_string()),
        ("/admin/lucky/lucky1/close", "{}".to_owned()),
        ("/admin/lucky/lucky1/draw", numbers.clone()),
    ] {
        let bare = Request::new("POST", path).body(body.as_str());
        let as_user = bare
            .clone()
            .header("Authorization", &format!("Bearer {}", user.token));
        for request in [bare, as_user] {
            assert_eq!(request.send(town.server.http).status, 401, "{path}");
        }
        if path.ends_with("lucky") {
            continue;
        }
        assert_eq!(operator.send("GET", path, "").status, 405, "{path}");
    }
    operator.refused(9, "POST", "/admin/lucky/lucky2/close", json!({}));
    assert_eq!(operator.last_deed()["result"], "error 9");
    assert!(seen(&town, "lucky1", None).get("closed").is_none());
    operator.post("/admin/lucky/lucky1/close", json!({}));
    assert_eq!(operator.last_deed()["action"], "lucky_close");
    operator.send("POST", "/admin/lucky/lucky1/draw", &numbers);
    let deed = operator.last_deed();
    assert_eq!(
        (&deed["action"], &deed["detail"], &deed["result"]),
        (&json!("lucky_draw"), &json!("1,2,3,4,5"), &json!("done"))
    );
}

#[test]
fn the_list_is_public_where_handsets_are() {
    let town = Town::start(Setup::new(1).operated().set("admin_listen", "127.0.0.1:0"));
    let status = |path: &str| crate::rig::http_get(town.server.http, path).0;
    for path in [
        "/lucky/nothing/tickets",
        "/lucky/%00/tickets",
        "/lucky/%ff/tickets",
        "/lucky/a",
    ] {
        assert_eq!(status(path), 404, "{path}");
    }
    let post = Request::new("POST", "/lucky/nothing/tickets").send(town.server.http);
    assert_eq!(post.status, 405);
}

#[test]
fn the_winner_hears_of_it_in_the_chat() {
    crate::rig::both(|cores| {
        let town = Town::start(Setup::new(cores).operated());
        create(
            &town,
            with(draw("lucky1", 2), "name", json!("a \"watch\"\n6#{}")),
        );
        let people = [1, 2].map(|number| person(&town, number));
        let mut handsets = people.each_ref().map(|user| {
            town.done(join(user, "lucky1"));
            town.online(user)
        });
        let operator = town.server.operator();
        operator.post("/admin/lucky/lucky1/close", json!({}));
        operator.post(
            "/admin/lucky/lucky1/draw",
            json!({"numbers": [1, 2, 3, 4, 5]}),
        );
        // 102030405 is odd.
        let notice = handsets[1].expect_past_waits(14);
        let text = notice["text"].as_str().expect("a text");
        assert!(
            text.contains('2') && text.contains("a \"watch\"\n6#{}"),
            "{text}"
        );
        let wanted = json!({
            "kind": "lucky", "id": "lucky1", "name": "a \"watch\"\n6#{}", "number": 2, "text": text,
        });
        assert_eq!(notice, wanted);
        handsets[0].quiet();
    });
}
