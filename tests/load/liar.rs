//! An HTTP server that answers every request alike, true or not.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;

/// What it does with every request.
#[derive(Clone, Copy)]
pub(crate) enum Lie {
    /// This is the body of the answer.
    Say(&'static str),
    /// This is the whole answer.
    Utter(&'static str),
    HangUp,
    Ignore,
}

/// It lies for as long as the test runs.
pub(crate) fn liar(lie: Lie) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || serve(stream, lie));
        }
    });
    address
}

fn serve(mut stream: TcpStream, lie: Lie) {
    let mut reader = BufReader::new(stream.try_clone().expect("a second handle"));
    while let Some(length) = read_head(&mut reader) {
        let mut body = vec![0; length];
        if reader.read_exact(&mut body).is_err() {
            return;
        }
        let answer = match lie {
            Lie::Say(body) => format!(
                "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            ),
            Lie::Utter(answer) => answer.to_owned(),
            Lie::HangUp => return,
            Lie::Ignore => continue,
        };
        if stream.write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

/// How long the body is; nothing if no request comes.
fn read_head(reader: &mut BufReader<TcpStream>) -> Option<usize> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if let Some(text) = line.strip_prefix("Content-Length: ") {
            length = text.trim().parse().ok()?;
        }
        if line == "\r\n" {
            return Some(length);
        }
    }
}
