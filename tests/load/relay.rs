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
    /// Every line, by pair in turn: milliseconds.
    pub(crate) delays: &'static [u64],
    /// From so long after the first line …
    pub(crate) stall_after: Duration,
    /// … nothing moves for so long.
    pub(crate) stall: Duration,
}

/// A relay that runs.
pub(crate) struct Relay {
    pub(crate) address: SocketAddr,
    /// When the first line came.
    pub(crate) first: Arc<OnceLock<Instant>>,
}

/// Starts one; it goes with the test's process.
pub(crate) fn relay(script: Script) -> Relay {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    let first = Arc::new(OnceLock::new());
    let begun = Arc::clone(&first);
    thread::spawn(move || {
        let mut waiting: Option<TcpStream> = None;
        let mut delays = script.delays.iter().cycle();
        for stream in listener.incoming().map_while(Result::ok) {
            stream.set_nodelay(true).expect("it is TCP");
            match waiting.take() {
                None => waiting = Some(stream),
                Some(other) => {
                    let delay = Duration::from_millis(*delays.next().expect("it goes on"));
                    pass_on(&other, &stream, script, delay, &begun);
                    pass_on(&stream, &other, script, delay, &begun);
                }
            }
        }
    });
    Relay { address, first }
}

fn pass_on(
    from: &TcpStream,
    to: &TcpStream,
    script: Script,
    delay: Duration,
    first: &Arc<OnceLock<Instant>>,
) {
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
            let due = Instant::now() + delay;
            if read.send((due, bytes[..length].to_vec())).is_err() {
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
    for (mut due, bytes) in queue {
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
