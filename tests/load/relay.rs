//! A bare relay that takes its time, as it is told.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

/// How long things take.
#[derive(Clone, Copy)]
pub(crate) struct Script {
    /// Every line.
    pub(crate) delay: Duration,
    /// From so long after the first line …
    pub(crate) stall_after: Duration,
    /// … nothing moves for so long.
    pub(crate) stall: Duration,
}

/// Starts one; it goes with the test's process.
pub(crate) fn relay(script: Script) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    let first = Arc::new(OnceLock::new());
    thread::spawn(move || {
        let mut waiting: Option<TcpStream> = None;
        for stream in listener.incoming().map_while(Result::ok) {
            stream.set_nodelay(true).expect("it is TCP");
            match waiting.take() {
                None => waiting = Some(stream),
                Some(other) => {
                    pass_on(&other, &stream, script, &first);
                    pass_on(&stream, &other, script, &first);
                }
            }
        }
    });
    address
}

fn pass_on(from: &TcpStream, to: &TcpStream, script: Script, first: &Arc<OnceLock<Instant>>) {
    let pipe = |stream: &TcpStream| stream.try_clone().expect("a second handle");
    let (mut from, to) = (pipe(from), pipe(to));
    let (read, queue) = mpsc::channel();
    let begun = Arc::clone(first);
    thread::spawn(move || deliver(to, &queue, script, &begun));
    let begun = Arc::clone(first);
    thread::spawn(move || {
        let mut bytes = [0; 4096];
        while let Ok(length @ 1..) = from.read(&mut bytes) {
            begun.get_or_init(Instant::now);
            if read
                .send((Instant::now(), bytes[..length].to_vec()))
                .is_err()
            {
                return;
            }
        }
    });
}

fn deliver(
    mut to: TcpStream,
    queue: &Receiver<(Instant, Vec<u8>)>,
    script: Script,
    first: &OnceLock<Instant>,
) {
    for (came, bytes) in queue {
        let mut due = came + script.delay;
        let begun = *first.get().expect("a line has come");
        let stalled = begun + script.stall_after..begun + script.stall_after + script.stall;
        if stalled.contains(&due) {
            due = stalled.end;
        }
        thread::sleep(due.saturating_duration_since(Instant::now()));
        if to.write_all(&bytes).is_err() {
            return;
        }
    }
}
