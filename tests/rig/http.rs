//! Requests to the HTTP port, as handsets make them.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use serde_json::{Value, json};

use super::{PATIENCE, Server};

/// A request that is being put together.
#[derive(Clone)]
pub struct Request {
    line: String,
    headers: Vec<String>,
    body: Vec<u8>,
}

/// What came back.
#[derive(Debug)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The header lines.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Request {
    /// `POST /`
    pub fn json(body: &Value) -> Request {
        Request::new("POST", "/").body(body.to_string())
    }

    /// Without a body yet.
    pub fn new(method: &str, path: &str) -> Request {
        Request {
            line: format!("{method} {path} HTTP/1.1"),
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    /// One more header.
    pub fn header(mut self, name: &str, value: &str) -> Request {
        self.headers.push(format!("{name}: {value}\r\n"));
        self
    }

    /// With this body.
    pub fn body(self, body: impl Into<Vec<u8>>) -> Request {
        Request {
            body: body.into(),
            ..self
        }
    }

    /// Sends it on a connection of its own.
    #[track_caller]
    pub fn send(&self, to: SocketAddr) -> Reply {
        let mut stream = TcpStream::connect_timeout(&to, PATIENCE).expect("the HTTP port is open");
        let patience = Some(4 * PATIENCE);
        stream.set_read_timeout(patience).expect("it is not zero");
        let head = format!(
            "{}\r\nHost: {to}\r\nConnection: close\r\nContent-Length: {}\r\n{}\r\n",
            self.line,
            self.body.len(),
            self.headers.concat()
        );
        // The server may answer before it has read everything.
        let _ = stream
            .write_all(head.as_bytes())
            .and_then(|()| stream.write_all(&self.body));
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).expect("a reply, to its end");
        Reply::read(&bytes)
    }
}

impl Reply {
    /// From the bytes of a whole reply; interim ones before it are passed over.
    #[track_caller]
    pub fn read(bytes: &[u8]) -> Reply {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
        let end = end.expect("a head");
        let head = String::from_utf8(bytes[..end].to_vec()).expect("a head in ASCII");
        let mut lines = head.split("\r\n");
        let status = lines.next().and_then(|line| line.split(' ').nth(1));
        let status = status.and_then(|code| code.parse().ok()).expect("a status");
        let body = &bytes[end + 4..];
        if (100..200).contains(&status) {
            return Reply::read(body);
        }
        let headers = lines.filter_map(|line| line.split_once(": "));
        Reply {
            status,
            headers: headers
                .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
                .collect(),
            body: body.to_vec(),
        }
    }

    /// The first header of this name, in small letters.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    /// What the cookie of this name is set to.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        let set = self.headers.iter().filter(|(key, _)| key == "set-cookie");
        set.filter_map(|(_, value)| value.split(';').next()?.split_once('='))
            .find_map(|(key, value)| (key == name).then_some(value))
    }

    /// The body, which has the shape that all replies have.
    #[track_caller]
    pub fn json(&self) -> Value {
        let content_type = self.header("content-type");
        assert_eq!(content_type, Some("application/json; charset=utf-8"));
        let body: Value = serde_json::from_slice(&self.body).expect("JSON");
        let number = body["error_no"].as_u64().expect("a number");
        assert_eq!(body["success"], json!(number == 0), "{body}");
        assert!(body["type"].is_string(), "{body}");
        assert_eq!(body["err_msg"] == "", number == 0, "{body}");
        assert_eq!(body["err_msg"], body["error_msg"]);
        body
    }
}

/// `POST /` of this object; the reply's, whose status is 200.
#[track_caller]
pub fn ask(server: &Server, body: Value) -> Value {
    let reply = Request::json(&body).send(server.http);
    assert_eq!(reply.status, 200, "{body} {reply:?}");
    reply.json()
}

/// The same; it is done.
#[track_caller]
pub fn done(server: &Server, body: Value) -> Value {
    let reply = ask(server, body.clone());
    assert_eq!(reply["error_no"], 0, "{body} {reply}");
    reply
}

/// The same; it is refused with this number.
#[track_caller]
pub fn refused(server: &Server, error_no: u16, body: Value) -> Value {
    let reply = ask(server, body.clone());
    assert_eq!(reply["error_no"], error_no, "{body} {reply}");
    reply
}
