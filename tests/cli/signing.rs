//! Signatures of verdicts by `ssh-keygen -Y`.

use crate::evidence::*;
use crate::support::{Home, Ran, bundle};
use std::fs;

#[test]
fn verdicts_are_signed_and_signatures_checked() {
    let (home, made) = judged();
    let target = made.display().to_string();
    let ((ada, by_ada), (_, by_bob)) = (key(&home, "ada"), key(&home, "bob"));
    let outcome = |allowed: &str, more: &[&str]| {
        let (code, report) = verify(
            &home,
            &made,
            &[&["--allowed-signers", allowed], more].concat(),
        );
        (
            code,
            report["signature"]["outcome"]
                .as_str()
                .expect("a text")
                .to_owned(),
            report["signature"]["words"]
                .as_str()
                .expect("a text")
                .to_owned(),
        )
    };
    // Without a signature it holds, but not for who demands one.
    let (code, found, words) = outcome(&by_ada, &[]);
    assert_eq!((code, found.as_str()), (1, "missing"), "{words}");
    let signed = home.run(&["verify", &target, "--sign-key", &ada]);
    assert_eq!(signed.code, 0, "{}", signed.stderr);
    assert!(text(&made.join("verdict.json.sig")).starts_with("-----BEGIN SSH SIGNATURE-----"));
    assert_eq!(
        outcome(&by_ada, &[]),
        (0, "good".to_owned(), "by ada@example.org".to_owned())
    );
    assert_eq!(outcome(&by_ada, &["--signer", "ada@example.org"]).0, 0);
    // Another's key, and another's name.
    let (code, found, words) = outcome(&by_bob, &[]);
    assert_eq!((code, found.as_str()), (1, "wrong"), "{words}");
    let (code, found, words) = outcome(&by_ada, &["--signer", "bob@example.org"]);
    assert_eq!((code, found.as_str()), (1, "wrong"), "{words}");
    // ssh-keygen itself takes it, and nobody signs it a second time.
    let again = home.run(&["verify", &target, "--sign-key", &ada]);
    assert!(
        again.code == 2 && again.says("found a signature; expected none"),
        "{}",
        again.stderr
    );
    let file = made.join("verdict.json");
    let mut check = home.program("ssh-keygen");
    check.args([
        "-Y",
        "verify",
        "-f",
        &by_ada,
        "-I",
        "ada@example.org",
        "-n",
        "perfbridge-verdict",
        "-s",
    ]);
    let check = check
        .arg(made.join("verdict.json.sig"))
        .stdin(fs::File::open(&file).expect("a file"))
        .output();
    assert!(check.expect("it runs").status.success());
    // One byte of the verdict: neither the signature nor the judgement holds.
    let old = text(&file);
    fs::write(
        &file,
        old.replace("\"verdict\": \"RED\"", "\"verdict\": \"RAD\""),
    )
    .expect("written");
    let (code, found, words) = outcome(&by_ada, &[]);
    assert_eq!((code, found.as_str()), (1, "wrong"), "{words}");
    let refused = home.run(&["verify", &target, "--sign-key", &ada]);
    assert!(
        refused.code == 1 && refused.stderr.contains("not signed: it does not hold"),
        "{}",
        refused.stderr
    );
    // A signature of another namespace is none of a verdict.
    fs::write(&file, &old).expect("written");
    fs::remove_file(made.join("verdict.json.sig")).expect("removed");
    let file = file.display().to_string();
    let other = home
        .program("ssh-keygen")
        .args(["-Y", "sign", "-f", &ada, "-n", "file", &file])
        .output()
        .expect("it runs");
    assert!(other.status.success());
    assert_eq!(outcome(&by_ada, &[]).1, "wrong");
}

#[test]
fn diff_signs_what_it_writes() {
    let home = Home::new();
    let (key, allowed) = key(&home, "ada");
    let (a, b) = (bundle("base-1"), bundle("base-2"));
    let words = ["diff", &a, &b, "--sign-key", &key];
    home.run(&words)
        .refused("--sign-key is given and no verdict is written");
    for _ in 0..2 {
        // Written anew, it is signed anew.
        let ran = home.run(&[&words[..], &["--out", "out"]].concat());
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        assert!(ran.stderr.contains("signed: "), "{}", ran.stderr);
        home.ok(&["verify", "out", "--allowed-signers", &allowed]);
    }
    let none = home.run(&["diff", &a, &b, "--out", "out", "--sign-key", &allowed]);
    assert!(
        none.code == 2 && none.says("ssh-keygen made no signature"),
        "{}",
        none.stderr
    );
    home.run(&["verify", "out", "--allowed-signers", "nowhere"])
        .refused("nowhere");
    let mut command = home.command(&["verify", "out", "--allowed-signers", &allowed]);
    let without = Ran::of(command.env("PATH", "/nowhere").output().expect("it runs"));
    without.refused("found no ssh-keygen on the PATH");
}
