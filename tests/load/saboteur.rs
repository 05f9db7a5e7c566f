//! Between the generator and a server: passes everything on, but for one frame.

use std::io::{BufRead, BufReader, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// What is done to the one frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deed {
    Nothing,
    Lose,
    Repeat,
    /// Comes after the next one of its connection.
    Delay,
    /// Comes to another connection instead.
    Misroute,
    /// The byte so far from its end is another.
    Corrupt(usize),
}

struct Plot {
    deed: Deed,
    /// Of the frames that begin like this …
    prefix: &'static str,
    /// … this one; counts down over all connections.
    left: u64,
    /// To be passed on elsewhere: by whom not, and what.
    astray: Option<(usize, Vec<u8>)>,
}

/// Starts one; it goes with the test's process.
pub(crate) fn saboteur(server: SocketAddr, deed: Deed, prefix: &'static str) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    let plot = Arc::new(Mutex::new(Plot {
        deed,
        prefix,
        left: 100,
        astray: None,
    }));
    thread::spawn(move || {
        for (number, client) in listener.incoming().map_while(Result::ok).enumerate() {
            let upstream = TcpStream::connect(server).expect("the server is there");
            for stream in [&client, &upstream] {
                stream.set_nodelay(true).expect("it is TCP");
            }
            let pipe = |stream: &TcpStream| stream.try_clone().expect("a second handle");
            let (to_client, from_server) = (pipe(&client), pipe(&upstream));
            let plot = Arc::clone(&plot);
            thread::spawn(move || honest(&client, upstream));
            thread::spawn(move || crooked(&from_server, to_client, number, &plot));
        }
    });
    address
}

fn honest(from: &TcpStream, mut to: TcpStream) {
    let _ = std::io::copy(&mut &*from, &mut to);
    let _ = to.shutdown(Shutdown::Both);
}

fn crooked(from: &TcpStream, mut to: TcpStream, number: usize, plot: &Mutex<Plot>) {
    let mut reader = BufReader::new(from);
    let mut held: Option<Vec<u8>> = None;
    loop {
        let mut frame = Vec::new();
        if reader.read_until(b'\n', &mut frame).unwrap_or(0) == 0 {
            let _ = to.shutdown(Shutdown::Both);
            return;
        }
        let mut out = treat(frame, number, plot, &mut held);
        out.retain(|frame| !frame.is_empty());
        if to.write_all(&out.concat()).is_err() {
            return;
        }
    }
}

/// What is passed on for a frame.
fn treat(
    mut frame: Vec<u8>,
    number: usize,
    plot: &Mutex<Plot>,
    held: &mut Option<Vec<u8>>,
) -> Vec<Vec<u8>> {
    let mut plot = plot.lock().unwrap_or_else(PoisonError::into_inner);
    let astray = plot.astray.take_if(|(whose, _)| *whose != number);
    let mut out: Vec<Vec<u8>> = astray.into_iter().map(|(_, frame)| frame).collect();
    let chosen = frame.starts_with(plot.prefix.as_bytes()) && {
        plot.left = plot.left.wrapping_sub(1);
        plot.left == 0
    };
    if !chosen {
        out.push(frame);
        out.extend(held.take());
        return out;
    }
    match plot.deed {
        Deed::Nothing => out.push(frame),
        Deed::Lose => {}
        Deed::Repeat => out.extend([frame.clone(), frame]),
        Deed::Delay => *held = Some(frame),
        Deed::Misroute => plot.astray = Some((number, frame)),
        Deed::Corrupt(back) => {
            let at = frame.len() - back;
            frame[at] = if frame[at] == b'0' { b'1' } else { b'0' };
            out.push(frame);
        }
    }
    out
}
