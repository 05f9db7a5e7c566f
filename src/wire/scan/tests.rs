use super::*;
use crate::limits::JSON_DEPTH_LEVELS;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Map, Value as Tree};

const LEVELS: u32 = JSON_DEPTH_LEVELS;

fn check(bytes: &[u8]) -> Result<(), Invalid> {
    object(bytes, LEVELS, |_, _| ())
}

fn as_text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// What serde_json says, and our two bounds.
fn judged_by_serde(bytes: &[u8], levels: u32) -> bool {
    serde_json::from_slice::<Tree>(bytes).is_ok_and(|tree| tree.is_object())
        && depth(bytes) <= levels
}

/// The deepest nesting of valid JSON. Not taken from the tree: that has
/// dropped members that were given twice.
fn depth(json: &[u8]) -> u32 {
    let (mut open, mut deepest, mut in_string, mut escaped) = (0u32, 0, false, false);
    for &byte in json {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = in_string,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => {
                open += 1;
                deepest = deepest.max(open);
            }
            b'}' | b']' if !in_string => open = open.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

#[test]
fn standard_json_passes() {
    for body in [
        "{}",
        " \t\r\n{ \t\r\n} \t\r\n",
        r#"{"a":1}"#,
        r#"{"":""}"#,
        r#" { "a" : 1 , "b" : [ ] , "c" : { } } "#,
        r#"{"a":[1,[2,{"b":[[],[{}]]}],"x"],"c":null,"d":true,"e":false}"#,
        r#"{"n":[0,-0,1,-1,0.0,-0.1,1e5,1E5,1e+5,1e-5,1.5e10,0e0]}"#,
        r#"{"n":1e999}"#,
        r#"{"n":-1e-99999999999999}"#,
        r#"{"n":1234567890123456789012345678901234567890123456789012345678901234567890}"#,
        r#"{"s":"\"\\\/\b\f\n\r\t\u0000\uFFFF\uabCD"}"#,
        r#"{"s":"\ud83d\ude00\uDBFF\uDFFF"}"#,
        "{\"s\":\"你好 \u{7f}\u{80}\u{2028}😀\"}",
        r#"{"a":1,"a":2}"#,
        r#"{"你":"好"}"#,
    ] {
        assert_eq!(check(body.as_bytes()), Ok(()), "{body}");
        assert!(judged_by_serde(body.as_bytes(), LEVELS), "{body}");
    }
}

#[test]
fn nothing_else_passes() {
    use Invalid::{NotObject, Syntax, Utf8};
    for (body, why) in [
        (&b""[..], NotObject),
        (b" ", NotObject),
        (b"1", NotObject),
        (b"[]", NotObject),
        (b"\"{}\"", NotObject),
        (b"null", NotObject),
        (b"#{}", NotObject),
        (b"\xef\xbb\xbf{}", NotObject),
        (b"\x00{}", NotObject),
        (b"{", Syntax),
        (b"{}}", Syntax),
        (b"{} {}", Syntax),
        (b"{}\x00", Syntax),
        (b"{}x", Syntax),
        (b"{,}", Syntax),
        (br#"{"a"}"#, Syntax),
        (br#"{"a":}"#, Syntax),
        (br#"{"a":1,}"#, Syntax),
        (br#"{"a":1 "b":2}"#, Syntax),
        (br#"{"a" 1}"#, Syntax),
        (br#"{"a"::1}"#, Syntax),
        (br#"{a:1}"#, Syntax),
        (br#"{'a':1}"#, Syntax),
        (br#"{1:1}"#, Syntax),
        (br#"{null:1}"#, Syntax),
        (br#"{"a":1/**/}"#, Syntax),
        (br#"{"a":01}"#, Syntax),
        (br#"{"a":-}"#, Syntax),
        (br#"{"a":-01}"#, Syntax),
        (br#"{"a":+1}"#, Syntax),
        (br#"{"a":.5}"#, Syntax),
        (br#"{"a":5.}"#, Syntax),
        (br#"{"a":5.e1}"#, Syntax),
        (br#"{"a":1e}"#, Syntax),
        (br#"{"a":1e+}"#, Syntax),
        (br#"{"a":0x1}"#, Syntax),
        (br#"{"a":1_0}"#, Syntax),
        (br#"{"a":NaN}"#, Syntax),
        (br#"{"a":Infinity}"#, Syntax),
        (br#"{"a":True}"#, Syntax),
        (br#"{"a":tru}"#, Syntax),
        (br#"{"a":nul"#, Syntax),
        (br#"{"a":truefalse}"#, Syntax),
        (br#"{"a":[1,]}"#, Syntax),
        (br#"{"a":[,1]}"#, Syntax),
        (br#"{"a":[1 2]}"#, Syntax),
        (br#"{"a":[1}}"#, Syntax),
        (br#"{"a":{"b":1]}"#, Syntax),
        (br#"{"a":{"b"}}"#, Syntax),
        (br#"{"a":{1}}"#, Syntax),
        (br#"{"a":[1:2]}"#, Syntax),
        (br#"{"a":["#, Syntax),
        (br#"{"a":"#, Syntax),
        (br#"{"a":"x"#, Syntax),
        (br#"{"a":"x\"#, Syntax),
        (br#"{"a":"\x"}"#, Syntax),
        (br#"{"a":"\U0041"}"#, Syntax),
        (br#"{"a":"\u00"}"#, Syntax),
        (br#"{"a":"\u004g"}"#, Syntax),
        (br#"{"a":"\u+041"}"#, Syntax),
        (br#"{"a":"\u"#, Syntax),
        (br#"{"a":"\ud800"}"#, Syntax),
        (br#"{"a":"\ud800x"}"#, Syntax),
        (br#"{"a":"\ud800\n"}"#, Syntax),
        (br#"{"a":"\ud800\u0041"}"#, Syntax),
        (br#"{"a":"\ud800\ud800"}"#, Syntax),
        (br#"{"a":"\udc00"}"#, Syntax),
        (br#"{"a":"\udc00\ud800"}"#, Syntax),
        (br#"{"\ud800":1}"#, Syntax),
        (br#"{"a":["\ud800"]}"#, Syntax),
        (b"{\"a\":\"\n\"}", Syntax),
        (b"{\"a\":\"\x00\"}", Syntax),
        (b"{\"a\":\"\x1f\"}", Syntax),
        (b"{\"a\x01\":1}", Syntax),
        (b"{\x0c}", Syntax),
        ("{\u{a0}}".as_bytes(), Syntax),
        (b"{\"a\":\"\xff\"}", Utf8),
        (b"{\"a\":\"\xc0\x80\"}", Utf8),
        (b"{\"a\":\"\xed\xa0\x80\"}", Utf8),
        (b"{\"a\":\"\xf4\x90\x80\x80\"}", Utf8),
        (b"{\"a\":\"\xe4\xbd\"}", Utf8),
        (b"{}\xff", Utf8),
    ] {
        let shown = String::from_utf8_lossy(body);
        assert_eq!(check(body), Err(why), "{shown}");
        assert!(!judged_by_serde(body, LEVELS), "{shown}");
    }
}

#[test]
fn the_body_is_level_one() {
    let arrays = |levels: usize| format!("{{\"a\":{}{}}}", "[".repeat(levels), "]".repeat(levels));
    let objects = |levels: usize| format!("{}1{}", "{\"a\":".repeat(levels), "}".repeat(levels));
    assert_eq!(check(arrays(31).as_bytes()), Ok(()));
    assert_eq!(check(arrays(32).as_bytes()), Err(Invalid::Depth));
    assert_eq!(check(objects(32).as_bytes()), Ok(()));
    assert_eq!(check(objects(33).as_bytes()), Err(Invalid::Depth));
    assert_eq!(check(arrays(100_000).as_bytes()), Err(Invalid::Depth));
    // Side by side is not deep.
    let wide = format!("{{\"a\":[{}0]}}", "[[]],".repeat(500));
    assert_eq!(object(wide.as_bytes(), 4, |_, _| ()), Ok(()));
    assert_eq!(object(wide.as_bytes(), 3, |_, _| ()), Err(Invalid::Depth));
    assert_eq!(object(b"{\"a\":1}", 1, |_, _| ()), Ok(()));
    let ceiling = arrays(LEVELS_CEILING as usize - 1);
    assert_eq!(
        object(ceiling.as_bytes(), LEVELS_CEILING, |_, _| ()),
        Ok(())
    );
}

#[test]
fn members_are_told_in_order_and_as_they_stand() {
    let body = r#" {"a":"x", "b\u0063" : "\n" ,"n":-1.50e3,"t":true,"f":false,"z":null,
        "l":[1, {"a":2}],"o":{ "a" : [] },"a":"again"} "#;
    let mut told = Vec::new();
    let result = object(body.as_bytes(), LEVELS, |key, value| {
        told.push([key, value].map(|one| (as_text(one.raw(body.as_bytes())), one.form())));
    });
    assert_eq!(result, Ok(()));
    assert_eq!(
        told,
        [
            [("a", Form::Plain), ("x", Form::Plain)],
            [("b\\u0063", Form::Escaped), ("\\n", Form::Escaped)],
            [("n", Form::Plain), ("-1.50e3", Form::Number)],
            [("t", Form::Plain), ("true", Form::Bool)],
            [("f", Form::Plain), ("false", Form::Bool)],
            [("z", Form::Plain), ("null", Form::Null)],
            [("l", Form::Plain), ("[1, {\"a\":2}]", Form::Array)],
            [("o", Form::Plain), ("{ \"a\" : [] }", Form::Object)],
            [("a", Form::Plain), ("again", Form::Plain)],
        ]
    );
}

#[test]
fn every_cut_of_an_object_is_no_object() {
    let body = r#"{"a":"x\u00e9\ud83d\ude00","b":[1.5e3,{"c":null}],"d":true}"#;
    assert_eq!(check(body.as_bytes()), Ok(()));
    for end in 0..body.len() {
        assert!(check(&body.as_bytes()[..end]).is_err(), "{}", &body[..end]);
    }
}

/// JSON texts with every form of number and escape; half surrogates among
/// them, so that not all of them are valid.
fn json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        4 => r"-?(0|[1-9][0-9]{0,25})(\.[0-9]{1,5})?([eE][+-]?[0-9]{1,4})?",
        4 => string(),
        1 => select(vec!["null", "true", "false"]).prop_map(String::from),
    ];
    leaf.prop_recursive(5, 40, 5, |inner| {
        let array = prop::collection::vec(inner.clone(), 0..5).prop_map(|items| {
            let items = items.join(",");
            format!("[{items}]")
        });
        prop_oneof![array, members(inner)]
    })
}

fn members(value: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    let space = || select(vec!["", "", "", " ", "\t\r\n "]);
    let member = (space(), string(), space(), space(), value, space())
        .prop_map(|(a, key, b, c, value, d)| format!("{a}{key}{b}:{c}{value}{d}"));
    prop::collection::vec(member, 0..5).prop_map(|all| format!("{{{}}}", all.join(",")))
}

fn string() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        6 => "[a-zA-Z0-9 ]{0,20}",
        3 => "\\PC{0,4}",
        2 => r#"\\["\\/bfnrt]"#,
        2 => r"\\u[0-9a-cA-C][0-9a-fA-F]{3}",
        2 => r"\\ud[89ab][0-9a-f]{2}\\ud[c-f][0-9a-f]{2}",
    ];
    prop_oneof![
        50 => prop::collection::vec(piece, 0..4).prop_map(|pieces| pieces.concat()),
        1 => r"\\u[dD][0-9a-fA-F]{3}",
    ]
    .prop_map(|inside| format!("\"{inside}\""))
}

/// As handsets write: nothing but strings, no space around them.
fn compact() -> impl Strategy<Value = String> {
    let text = || prop_oneof![4 => "[a-zA-Z0-9 #]{0,20}", 1 => "[ -~&&[^\"\\\\]]{40,90}", 1 => "[你好ü😀]{0,9}"];
    let member = (text(), text()).prop_map(|(key, value)| format!("\"{key}\":\"{value}\""));
    prop::collection::vec(member, 0..6).prop_map(|all| format!("{{{}}}", all.join(",")))
}

fn object_text() -> impl Strategy<Value = String> {
    prop_oneof![2 => members(json()), 1 => compact()]
}

/// What is done to a valid text.
#[derive(Clone, Debug)]
enum Change {
    Remove(Index),
    Insert(Index, u8),
    Replace(Index, u8),
    Truncate(Index),
    Repeat(Index, Index),
}

fn change() -> impl Strategy<Value = Change> {
    let byte = || {
        prop_oneof![
            3 => select(b"{}[]\",:\\u0123456789aeE+-. tfn\r\n/".to_vec()),
            1 => any::<u8>(),
        ]
    };
    prop_oneof![
        any::<Index>().prop_map(Change::Remove),
        (any::<Index>(), byte()).prop_map(|(at, byte)| Change::Insert(at, byte)),
        (any::<Index>(), byte()).prop_map(|(at, byte)| Change::Replace(at, byte)),
        any::<Index>().prop_map(Change::Truncate),
        (any::<Index>(), any::<Index>()).prop_map(|(from, to)| Change::Repeat(from, to)),
    ]
}

fn apply(change: &Change, bytes: &mut Vec<u8>) {
    if bytes.is_empty() {
        return;
    }
    let length = bytes.len();
    match change {
        Change::Remove(at) => {
            bytes.remove(at.index(length));
        }
        Change::Insert(at, byte) => bytes.insert(at.index(length + 1), *byte),
        Change::Replace(at, byte) => bytes[at.index(length)] = *byte,
        Change::Truncate(at) => bytes.truncate(at.index(length)),
        Change::Repeat(from, to) => {
            let (from, to) = (from.index(length), to.index(length));
            let again = bytes[from.min(to)..from.max(to)].to_vec();
            bytes.splice(from..from, again);
        }
    }
}

fn agree(bytes: &[u8], levels: u32) -> Result<(), TestCaseError> {
    let ours = object(bytes, levels, |_, _| ()).is_ok();
    let shown = String::from_utf8_lossy(bytes);
    prop_assert_eq!(ours, judged_by_serde(bytes, levels), "{}", shown);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn agrees_with_serde_on_json(text in object_text(), levels in 1u32..8) {
        agree(text.as_bytes(), levels)?;
        agree(text.as_bytes(), LEVELS)?;
    }

    #[test]
    fn agrees_with_serde_on_almost_json(
        text in object_text(),
        changes in prop::collection::vec(change(), 1..4),
    ) {
        let mut bytes = text.into_bytes();
        for change in &changes {
            apply(change, &mut bytes);
        }
        agree(&bytes, LEVELS)?;
    }

    #[test]
    fn agrees_with_serde_on_any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        agree(&bytes, LEVELS)?;
    }

    #[test]
    fn agrees_with_serde_on_tokens(
        tokens in prop::collection::vec(
            select(vec!["{", "}", "[", "]", ",", ":", "\"a\"", "1", "null", " ", "-", "\\"]),
            0..14,
        ),
    ) {
        agree(tokens.concat().as_bytes(), LEVELS)?;
        agree(format!("{{\"a\":{}}}", tokens.concat()).as_bytes(), LEVELS)?;
    }

    #[test]
    fn agrees_with_serde_on_depth(
        openings in prop::collection::vec(select(vec!["[", "{\"a\":", "[1,", "{\"b\":2,\"a\":"]), 25..40),
    ) {
        let closings: String = openings
            .iter()
            .rev()
            .map(|opening| if opening.starts_with('[') { ']' } else { '}' })
            .collect();
        agree(format!("{{\"a\":{}0{closings}}}", openings.concat()).as_bytes(), LEVELS)?;
    }

    #[test]
    fn tells_what_serde_reads(text in object_text()) {
        let Ok(tree) = serde_json::from_str::<Map<String, Tree>>(&text) else {
            return Ok(());
        };
        let mut told = Map::new();
        let result = object(text.as_bytes(), LEVELS, |key, value| {
            let read = match value.text(text.as_bytes()) {
                Some(text) => Tree::String(text.decoded().into_owned()),
                None => serde_json::from_slice(value.raw(text.as_bytes())).unwrap(),
            };
            let key = key.text(text.as_bytes()).unwrap();
            told.insert(key.decoded().into_owned(), read);
        });
        prop_assert_eq!(result, Ok(()));
        prop_assert_eq!(told, tree);
    }
}
