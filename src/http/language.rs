//! The language of the texts: Chinese, unless the client prefers English.

use axum::http::HeaderMap;
use axum::http::header::ACCEPT_LANGUAGE;

/// A language that there are texts in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    Chinese,
    English,
}

impl Language {
    /// What `Accept-Language` asks for.
    pub(super) fn of(headers: &HeaderMap) -> Language {
        let lines = headers.get_all(ACCEPT_LANGUAGE).into_iter();
        let ranges = lines
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.split(','));
        let (mut chinese, mut english) = (0.0, 0.0);
        let mut english_came_first = false;
        for (language, quality) in ranges.filter_map(range) {
            match language {
                Language::Chinese => chinese = quality.max(chinese),
                Language::English => {
                    english_came_first |= chinese == 0.0;
                    english = quality.max(english);
                }
            }
        }
        if english > chinese || (english == chinese && english > 0.0 && english_came_first) {
            Language::English
        } else {
            Language::Chinese
        }
    }
}

/// `en-GB;q=0.8` to English at 0.8; `None` for languages without texts.
fn range(text: &str) -> Option<(Language, f32)> {
    let mut parts = text.split(';').map(str::trim);
    let tag = parts.next()?;
    let primary = tag.split('-').next()?;
    let language = if primary.eq_ignore_ascii_case("en") {
        Language::English
    } else if primary.eq_ignore_ascii_case("zh") {
        Language::Chinese
    } else {
        return None;
    };
    let quality = parts
        .find_map(|part| part.strip_prefix("q=").or(part.strip_prefix("Q=")))
        .map_or(Some(1.0), |value| value.trim().parse().ok())?;
    (0.0..=1.0)
        .contains(&quality)
        .then_some((language, quality))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn english_must_be_preferred() {
        let cases = [
            (&[][..], Language::Chinese),
            (&[""], Language::Chinese),
            (&["*"], Language::Chinese),
            (&["fr, de"], Language::Chinese),
            (&["zh-CN"], Language::Chinese),
            (&["en"], Language::English),
            (&["EN-us"], Language::English),
            (&["fr, en;q=0.1"], Language::English),
            (&["zh-CN,zh;q=0.9,en;q=0.8"], Language::Chinese),
            (&["en-GB,en;q=0.9,zh;q=0.8"], Language::English),
            (&["zh;q=0.5,en;q=0.9"], Language::English),
            (&["en;q=0.5", "zh;q=0.9"], Language::Chinese),
            (&["zh;q=0.5", "en ; q=0.9"], Language::English),
            (&["en,zh"], Language::English),
            (&["zh,en"], Language::Chinese),
            (&["en;q=0"], Language::Chinese),
            (&["en;q=0,zh;q=0"], Language::Chinese),
            (&["en;q=NaN"], Language::Chinese),
            (&["en;q=9,zh;q=0.1"], Language::Chinese),
            (&[";;q=,,;en;=;"], Language::Chinese),
            (&["english"], Language::Chinese),
        ];
        for (lines, language) in cases {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(ACCEPT_LANGUAGE, line.parse().unwrap());
            }
            assert_eq!(Language::of(&headers), language, "{lines:?}");
        }
    }
}
