use super::*;

fn json(text: &str) -> Result<ServerCommand, String> {
    of_json(text, |name| {
        (name == "HOME_DIR").then(|| "/home/x".to_owned())
    })
}

fn words(server: &ServerCommand) -> Vec<&str> {
    std::iter::once(&server.program)
        .chain(&server.args)
        .map(String::as_str)
        .collect()
}

#[test]
fn the_command_line_is_split_as_by_a_shell() {
    let line = "uv run --directory '/a b' python -m x \"--opt=é 'q'\" a\\ b";
    let server = ServerCommand::parse(line, "--mcp-server").expect("a command");
    let expected = [
        "uv",
        "run",
        "--directory",
        "/a b",
        "python",
        "-m",
        "x",
        "--opt=é 'q'",
        "a b",
    ];
    assert_eq!(words(&server), expected);
    let again = ServerCommand::parse(&server.text(), "x").expect("a command");
    assert_eq!(words(&again), expected);
}

#[test]
fn a_line_without_a_program_is_refused() {
    for (line, why) in [
        ("", "it names no program"),
        ("  ", "it names no program"),
        ("''", "it names no program"),
        ("a 'b", "a quote is not closed"),
    ] {
        let error = ServerCommand::parse(line, "--mcp-server")
            .expect_err("no command")
            .to_string();
        assert!(
            error.starts_with("--mcp-server is no command line: "),
            "{error}"
        );
        assert!(error.contains(why), "{error}");
    }
}

#[test]
fn the_option_wins_over_the_variable_and_that_over_the_file() {
    let dir = tempfile::tempdir().expect("a directory");
    let text = r#"{"mcpServers": {"profile_and_optimize": {"command": "from-file"}}}"#;
    std::fs::write(dir.path().join(".mcp.json"), text).expect("written");
    let find = |option, variable, project| {
        find_server(option, variable, project)
            .expect("no error")
            .map(|server| server.program)
    };
    let project = Some(dir.path());
    assert_eq!(find(Some("a"), Some("b"), project).as_deref(), Some("a"));
    assert_eq!(find(None, Some("b"), project).as_deref(), Some("b"));
    assert_eq!(find(None, Some(""), project).as_deref(), Some("from-file"));
    assert_eq!(find(None, None, None), None);
    let server = find_server(None, None, project)
        .expect("no error")
        .expect("a server");
    assert_eq!(server.dir.as_deref(), project);
    assert!(server.source.starts_with("profile_and_optimize in "));
}

#[test]
fn a_missing_file_is_named() {
    let dir = tempfile::tempdir().expect("a directory");
    let error = find_server(None, None, Some(dir.path()))
        .expect_err("no file")
        .to_string();
    assert!(
        error.starts_with("cannot read ") && error.contains(".mcp.json"),
        "{error}"
    );
    assert!(
        error.ends_with("name a server with --mcp-server or PERFBRIDGE_MCP_SERVER"),
        "{error}"
    );
}

#[test]
fn an_entry_with_everything() {
    let server = json(
        r#"{"mcpServers": {"other": {}, "profile_and_optimize": {
            "type": "stdio", "command": "${PY:-python3}", "args": ["-m", "x", "${HOME_DIR}/y${HOME_DIR}"],
            "env": {"PROFILE_AND_OPTIMIZE_REPO_ROOT": "${HOME_DIR}/repo"}, "cwd": "/srv"}}}"#,
    )
    .expect("a server");
    assert_eq!(words(&server), ["python3", "-m", "x", "/home/x/y/home/x"]);
    let variable = "PROFILE_AND_OPTIMIZE_REPO_ROOT".to_owned();
    assert_eq!(server.env, [(variable, "/home/x/repo".to_owned())]);
    assert_eq!(server.dir, Some(PathBuf::from("/srv")));
}

#[test]
fn an_entry_that_cannot_be_used_is_explained() {
    let entry = |inside: &str| format!(r#"{{"mcpServers": {{"profile_and_optimize": {inside}}}}}"#);
    for (text, why) in [
        (
            "nonsense".to_owned(),
            "no JSON: expected ident at line 1 column 2",
        ),
        ("{}".to_owned(), "mcpServers is missing or no object"),
        (
            r#"{"mcpServers": {"a": {}, "b": {}}}"#.to_owned(),
            "mcpServers has no entry profile_and_optimize; it has: a, b",
        ),
        (
            entry("{}"),
            "mcpServers.profile_and_optimize.command is missing",
        ),
        (
            entry(r#"{"command": 5}"#),
            "mcpServers.profile_and_optimize.command must be text",
        ),
        (
            entry(r#"{"command": ""}"#),
            "mcpServers.profile_and_optimize.command is empty",
        ),
        (
            entry(r#"{"command": "a", "args": "b"}"#),
            "mcpServers.profile_and_optimize.args must be a list",
        ),
        (
            entry(r#"{"command": "a", "args": [1]}"#),
            "mcpServers.profile_and_optimize.args must be text",
        ),
        (
            entry(r#"{"command": "a", "env": []}"#),
            "mcpServers.profile_and_optimize.env must be an object",
        ),
        (
            entry(r#"{"command": "${NOT_SET}"}"#),
            "mcpServers.profile_and_optimize.command: the environment has no NOT_SET",
        ),
        (
            entry(r#"{"command": "${OPEN"}"#),
            "mcpServers.profile_and_optimize.command: ${ is not closed in \"${OPEN\"",
        ),
        (
            entry(r#"{"type": "http", "url": "http://localhost:1/mcp"}"#),
            "mcpServers.profile_and_optimize.url names a server on the network; only one that is started by a command \
             can be called",
        ),
    ] {
        assert_eq!(json(&text).expect_err("no server"), why);
    }
}
