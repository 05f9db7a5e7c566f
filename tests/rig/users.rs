//! Registered users, made as handsets make them: a code, a token, a few words.

use std::io::Cursor;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use image::{DynamicImage, ImageFormat, RgbImage};
use serde_json::{Value, json};

use super::http::{done, refused};
use super::webhook::Webhook;
use super::{Handset, Server, Setup};

/// A server with an SMS gateway of the test's own, where nobody has to wait
/// between two codes.
pub struct Town {
    /// The server.
    pub server: Server,
    /// Where its codes go.
    pub webhook: Webhook,
}

/// Somebody who is registered.
#[derive(Clone, Debug)]
pub struct User {
    /// With its country.
    pub tel: String,
    /// What others know them by.
    pub id: String,
    /// A session's.
    pub token: String,
}

impl Town {
    /// A user's handset, which has joined as a woman and waits.
    #[track_caller]
    pub fn online(&self, user: &User) -> Handset {
        let mut handset = Handset::connect(&self.server);
        handset.join_with(
            &json!({"userId": user.id, "gender": "F", "findGender": "M", "token": user.token}),
        );
        handset.expect(2);
        handset
    }

    /// With no limits on codes and requests.
    #[track_caller]
    pub fn start(setup: Setup) -> Town {
        let open = ["sms_interval", "http_rate"].into_iter().chain([
            "sms_per_number_hour",
            "sms_per_number_day",
            "sms_per_address_hour",
            "sms_per_address_day",
        ]);
        Town::limited(open.fold(setup, |setup, key| setup.set(key, 0)))
    }

    /// With the limits of the set-up.
    #[track_caller]
    pub fn limited(setup: Setup) -> Town {
        let webhook = Webhook::start();
        Town {
            server: webhook.setup(setup).start(),
            webhook,
        }
    }

    /// The same data in another process.
    #[track_caller]
    pub fn again(self) -> Town {
        Town {
            server: self.server.again(),
            webhook: self.webhook,
        }
    }

    /// What a request is answered; it is done.
    #[track_caller]
    pub fn done(&self, body: Value) -> Value {
        done(&self.server, body)
    }

    /// What a request is answered; it is refused with this number.
    #[track_caller]
    pub fn refused(&self, error_no: u16, body: Value) -> Value {
        refused(&self.server, error_no, body)
    }

    /// Has a code sent for a purpose, and reads it.
    #[track_caller]
    pub fn code_for(&self, tel: &str, purpose: &str, token: &str) -> String {
        self.done(json!({
            "type": "sms_validation_request", "tel": tel, "purpose": purpose, "token": token,
        }));
        self.webhook.code(tel)
    }

    /// Has a code to log in with sent, and reads it.
    #[track_caller]
    pub fn code(&self, tel: &str) -> String {
        self.done(json!({"type": "sms_validation_request", "tel": tel}));
        self.webhook.code(tel)
    }

    /// The reply to a right code.
    #[track_caller]
    pub fn log_in(&self, tel: &str) -> Value {
        let code = self.code(tel);
        self.done(json!({"type": "sms_validation_code", "tel": tel, "code": code}))
    }

    /// A token to register a new number with.
    #[track_caller]
    pub fn registration(&self, tel: &str) -> String {
        let reply = self.log_in(tel);
        assert_eq!(reply["registered"], false, "{reply}");
        text(&reply, "token")
    }

    /// A new user.
    #[track_caller]
    pub fn register(&self, tel: &str, nickname: &str, gender: &str) -> User {
        let reply = self.done(json!({
            "type": "user_register_info", "token": self.registration(tel),
            "nickname": nickname, "gender": gender,
        }));
        User {
            tel: tel.to_owned(),
            id: text(&reply, "user_id"),
            token: text(&reply, "token"),
        }
    }

    /// Another session of a user.
    #[track_caller]
    pub fn session(&self, user: &User) -> String {
        let reply = self.log_in(&user.tel);
        assert_eq!(reply["user_id"], user.id.as_str());
        text(&reply, "token")
    }

    /// A user joins the chat with a token, as a woman or a man who looks for the
    /// other; the answer is still to come.
    #[track_caller]
    pub fn join(&self, user: &User, gender: &str, token: &str) -> Handset {
        let find = if gender == "F" { "M" } else { "F" };
        let mut handset = Handset::connect(&self.server);
        let body = json!({"userId": user.id, "gender": gender, "findGender": find, "token": token});
        handset.send_line(&format!("1#{body}"));
        handset
    }

    /// A small picture; its id.
    #[track_caller]
    pub fn publish(&self, owner: &User) -> String {
        let mut bytes = Cursor::new(Vec::new());
        DynamicImage::from(RgbImage::new(8, 8))
            .write_to(&mut bytes, ImageFormat::Png)
            .expect("a picture");
        let encoded = STANDARD.encode(bytes.into_inner());
        let reply = self.done(json!({
            "type": "picture_upload_request", "token": owner.token, "words": "",
            "picture": format!("data:image/png;base64,{encoded}"),
        }));
        text(&reply, "picture_id")
    }

    /// Is this a session token that counts?
    #[track_caller]
    pub fn is_good(&self, token: &str) -> bool {
        let body = json!({"type": "profile_request", "token": token});
        let reply = super::http::ask(&self.server, body);
        assert!([0, 8].contains(&reply["error_no"].as_u64().expect("a number")));
        reply["error_no"] == 0
    }
}

/// A string of a reply.
#[track_caller]
pub fn text(reply: &Value, key: &str) -> String {
    let found = reply[key].as_str();
    found
        .unwrap_or_else(|| panic!("{key} in {reply}"))
        .to_owned()
}
