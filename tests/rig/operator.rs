//! Requests to the desk, as operators make them.

use std::net::SocketAddr;

use serde_json::{Value, json};

use super::http::{Reply, Request};
use super::{Server, Setup};

/// The token that [`Setup::operated`] sets.
pub const TOKEN: &str = "an-operator-of-the-tests";

/// Somebody who has the operator's token.
#[derive(Clone, Copy, Debug)]
pub struct Operator {
    at: SocketAddr,
}

impl Setup {
    /// With [`TOKEN`] as the operator's.
    pub fn operated(self) -> Setup {
        self.env("PAIRLINE_ADMIN_TOKEN", TOKEN)
    }
}

impl Server {
    /// The operator of a server that is [`operated`](Setup::operated).
    pub fn operator(&self) -> Operator {
        Operator { at: self.http }
    }
}

impl Operator {
    /// Whatever comes back.
    #[track_caller]
    pub fn send(self, method: &str, path: &str, body: &str) -> Reply {
        Request::new(method, path)
            .header("Authorization", &format!("Bearer {TOKEN}"))
            .body(body)
            .send(self.at)
    }

    /// A request's reply, whose status is 200.
    #[track_caller]
    pub fn ask(self, method: &str, path: &str, body: &Value) -> Value {
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let reply = self.send(method, path, &body);
        assert_eq!(reply.status, 200, "{method} {path} {body} {reply:?}");
        reply.json()
    }

    /// `GET`; it is done.
    #[track_caller]
    pub fn get(self, path: &str) -> Value {
        self.done("GET", path, &Value::Null)
    }

    /// `POST`; it is done.
    #[track_caller]
    pub fn post(self, path: &str, body: Value) -> Value {
        self.done("POST", path, &body)
    }

    /// `DELETE`; it is done.
    #[track_caller]
    pub fn delete(self, path: &str) -> Value {
        self.done("DELETE", path, &Value::Null)
    }

    /// It is refused with this number.
    #[track_caller]
    pub fn refused(self, error_no: u16, method: &str, path: &str, body: Value) -> Value {
        let reply = self.ask(method, path, &body);
        assert_eq!(
            reply["error_no"], error_no,
            "{method} {path} {body} {reply}"
        );
        reply
    }

    /// The newest entry of the audit.
    #[track_caller]
    pub fn last_deed(self) -> Value {
        self.get("/admin/audit?limit=1")["audit"][0].clone()
    }

    #[track_caller]
    fn done(self, method: &str, path: &str, body: &Value) -> Value {
        let reply = self.ask(method, path, body);
        let error = &reply["error_no"];
        assert_eq!(error, &json!(0), "{method} {path} {body} {reply}");
        reply
    }
}
