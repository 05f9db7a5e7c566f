//! Answers cut out of what arrives.

/// Headers of an answer, at most.
const HEADERS: usize = 32;

/// What stands at the beginning of some bytes.
#[derive(Debug)]
pub(in crate::load) enum Cut<'a> {
    Whole {
        answer: Answer<'a>,
        /// How long it is, with its head.
        length: usize,
    },
    Part,
    /// It will never be an answer.
    Broken(String),
}

/// A whole answer.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::load) struct Answer<'a> {
    pub(in crate::load) status: u16,
    pub(in crate::load) content_type: &'a str,
    /// The server hangs up after it.
    pub(in crate::load) last: bool,
    pub(in crate::load) body: &'a [u8],
}

/// Looks at what has arrived so far.
pub(in crate::load) fn cut(bytes: &[u8]) -> Cut<'_> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS];
    let mut head = httparse::Response::new(&mut headers);
    let start = match head.parse(bytes) {
        Ok(httparse::Status::Complete(start)) => start,
        Ok(httparse::Status::Partial) => return Cut::Part,
        Err(error) => return Cut::Broken(format!("no HTTP: {error}")),
    };
    let header = |name: &str| {
        let found = head
            .headers
            .iter()
            .find(|header| header.name.eq_ignore_ascii_case(name));
        found.and_then(|header| std::str::from_utf8(header.value).ok())
    };
    let status = head.code.unwrap_or_default();
    let Some(length) = header("content-length").and_then(|text| text.parse::<usize>().ok()) else {
        return Cut::Broken(format!("status {status} without a length"));
    };
    let Some(body) = bytes[start..].get(..length) else {
        return Cut::Part;
    };
    Cut::Whole {
        answer: Answer {
            status,
            content_type: header("content-type").unwrap_or_default(),
            last: header("connection").is_some_and(|text| text.eq_ignore_ascii_case("close")),
            body,
        },
        length: start + length,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = "HTTP/1.1 200 OK\r\ncontent-type: application/json; charset=utf-8\r\n\
                         Content-Length: 3\r\n\r\n{ }";

    #[test]
    fn an_answer_is_cut_wherever_it_is_split() {
        let two = [WHOLE, WHOLE].concat();
        for end in 0..WHOLE.len() {
            assert!(matches!(cut(&two.as_bytes()[..end]), Cut::Part), "{end}");
        }
        for end in WHOLE.len()..two.len() {
            let Cut::Whole { answer, length } = cut(&two.as_bytes()[..end]) else {
                panic!("{end}");
            };
            assert_eq!(length, WHOLE.len());
            let expected = Answer {
                status: 200,
                content_type: "application/json; charset=utf-8",
                last: false,
                body: b"{ }",
            };
            assert_eq!(answer, expected);
        }
    }

    #[test]
    fn what_is_no_answer_is_told() {
        for (text, why) in [
            ("6#{}\n", "no HTTP"),
            ("HTTP/1.1 200 OK\r\n\r\n", "status 200 without a length"),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "without a length",
            ),
        ] {
            let Cut::Broken(told) = cut(text.as_bytes()) else {
                panic!("{text}");
            };
            assert!(told.contains(why), "{told}");
        }
    }

    #[test]
    fn a_last_answer_says_so() {
        let text = "HTTP/1.1 503 Full\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
        let Cut::Whole { answer, .. } = cut(text.as_bytes()) else {
            panic!("it is whole");
        };
        assert_eq!((answer.status, answer.last), (503, true));
    }
}
