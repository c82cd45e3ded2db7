//! What an MCP client can ask of the server.

use super::reply;
use super::runtime::ServerOptions;
use crate::arguments::{self, Fields};
use crate::tools;
use perfbridge_registry::{Call, Takes, Verb, Verbs};
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, CustomRequest, CustomResult,
    ErrorCode, ErrorData, GetPromptRequestParams, GetPromptResponse, Implementation,
    ListPromptsResult, ListResourceTemplatesResult, ListResourcesResult, ListToolsResult,
    PaginatedRequestParams, ProgressNotificationParam, ProgressToken, ReadResourceRequestParams,
    ReadResourceResponse, ServerCapabilities, ServerConfig, Tool,
};
use rmcp::service::RequestContext;
use rmcp::{Peer, RoleServer, ServerHandler};
use std::sync::Arc;
use std::time::Duration;

/// How often a call that takes long says that it is still at work, if the client asked to be told.
const PROGRESS_EVERY: Duration = Duration::from_secs(1);

fn instructions(read_only: bool) -> String {
    let [record, diff, evidence, runbooks] =
        [Verb::Record, Verb::Diff, Verb::Evidence, Verb::Runbooks].map(Verb::tool);
    let mut text = format!(
        "Keeps baselines of inference performance and judges runs against them. Record a run with {record}, compare \
         one with {diff} (args: a list of command line options; [\"--help\"] lists them), find earlier runs with \
         {evidence} and what to do about a regression with {runbooks}. The judgement is in json.answer, the verdict in \
         json.verdict: GREEN, YELLOW or RED; that of one run against one run is a draft. Nonzero returncode: stderr \
         says why; NO_VERDICT there is neither a pass nor a regression."
    );
    if read_only {
        text.push_str(&format!(" This server is read-only: {record} is refused."));
    }
    text
}

/// Answers for one set of verbs. Cloning is cheap.
#[derive(Clone)]
pub struct ToolServer {
    verbs: Arc<dyn Verbs>,
    tools: Arc<Vec<Tool>>,
    read_only: bool,
}

impl ToolServer {
    /// A server of these verbs.
    pub fn new(verbs: Arc<dyn Verbs>, options: &ServerOptions) -> Self {
        let listed = |verb| tools::listed(verb, options.read_only);
        Self {
            verbs,
            tools: Arc::new(Verb::ALL.map(listed).into()),
            read_only: options.read_only,
        }
    }

    async fn call(
        &self,
        verb: Verb,
        fields: Fields,
        context: &RequestContext<RoleServer>,
    ) -> CallToolResult {
        let work = match work(verb, &fields) {
            Ok(work) => work,
            Err(result) => return *result,
        };
        let Work {
            call,
            allow_nonzero,
        } = work;
        let verbs = self.verbs.clone();
        let running = tokio::task::spawn_blocking(move || verbs.call(&call));
        let outcome = tokio::select! {
            outcome = running => outcome,
            // What a verb writes it writes whole or not at all, so it may come to its end; only nobody waits for it.
            () = context.ct.cancelled() => return reply::failure(verb, "the call was cancelled"),
            never = tell_progress(verb, context) => match never {},
        };
        match outcome {
            Ok(Ok(envelope)) => reply::of_envelope(verb, &envelope, allow_nonzero),
            Ok(Err(error)) => reply::failure(verb, &error.to_string()),
            Err(_) => reply::failure(
                verb,
                "internal error: the verb panicked; what it printed is on stderr of the server",
            ),
        }
    }
}

/// A call that was understood.
struct Work {
    call: Call,
    allow_nonzero: bool,
}

fn work(verb: Verb, fields: &Fields) -> Result<Work, Box<CallToolResult>> {
    match verb.takes() {
        Takes::Options(call) => match arguments::command_line(verb, fields) {
            Ok(line) => Ok(Work {
                call: call(line.args),
                allow_nonzero: line.allow_nonzero,
            }),
            Err(misuse) => Err(Box::new(reply::refusal(verb, &misuse))),
        },
        Takes::Query(call) => match arguments::query(fields) {
            Ok(query) => Ok(Work {
                call: call(query),
                allow_nonzero: false,
            }),
            Err(message) => Err(Box::new(reply::failure(verb, &message))),
        },
    }
}

/// Tells a client that gave a progress token, once a second, that the verb is at work. Never returns.
async fn tell_progress(
    verb: Verb,
    context: &RequestContext<RoleServer>,
) -> std::convert::Infallible {
    let Some(token) = context.meta.get_progress_token() else {
        return std::future::pending().await;
    };
    let mut seconds = 0_u32;
    loop {
        tokio::time::sleep(PROGRESS_EVERY).await;
        seconds += 1;
        send_progress(&context.peer, token.clone(), verb, seconds).await;
    }
}

async fn send_progress(peer: &Peer<RoleServer>, token: ProgressToken, verb: Verb, seconds: u32) {
    let message = format!("{} is at work for {seconds} s", verb.name());
    let progress = ProgressNotificationParam::new(token, f64::from(seconds)).with_message(message);
    // A client that is gone ends the call by other means.
    let _ = peer.notify_progress(progress).await;
}

impl ServerHandler for ToolServer {
    fn get_info(&self) -> ServerConfig {
        // Prompts and resources are announced because clients ask for them; there are none.
        let capabilities = ServerCapabilities::builder()
            .enable_tools()
            .enable_prompts()
            .enable_resources()
            .build();
        ServerConfig::new(capabilities)
            .with_server_info(
                Implementation::new("perfbridge", env!("CARGO_PKG_VERSION"))
                    .with_title("Perfbridge"),
            )
            .with_instructions(instructions(self.read_only))
    }

    async fn list_tools(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(self.tools.to_vec()))
    }

    async fn list_prompts(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListPromptsResult, ErrorData> {
        Ok(ListPromptsResult::with_all_items(Vec::new()))
    }

    async fn list_resources(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        Ok(ListResourcesResult::with_all_items(Vec::new()))
    }

    async fn list_resource_templates(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        Ok(ListResourceTemplatesResult::with_all_items(Vec::new()))
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let message = format!("there is no resource {}", request.uri);
        let uri = serde_json::json!({"uri": request.uri});
        Err(ErrorData::resource_not_found(message, Some(uri)))
    }

    async fn get_prompt(
        &self,
        request: GetPromptRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<GetPromptResponse, ErrorData> {
        let message = format!("there is no prompt {}", request.name);
        Err(ErrorData::invalid_params(message, None))
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        self.tools.iter().find(|tool| tool.name == name).cloned()
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let result = match Verb::of_tool(&request.name) {
            Some(verb) => {
                let fields = request.arguments.unwrap_or_default();
                self.call(verb, fields, &context).await
            }
            None => reply::unknown_tool(&request.name),
        };
        Ok(CallToolResponse::Complete(result))
    }

    /// Requests that are none of the protocol, and requests of the protocol whose `params` have a wrong shape.
    async fn on_custom_request(
        &self,
        request: CustomRequest,
        _context: RequestContext<RoleServer>,
    ) -> Result<CustomResult, ErrorData> {
        let known = ["tools/call", "tools/list"];
        if known.contains(&request.method.as_str()) {
            return Err(ErrorData::invalid_params(
                format!("the params of {} have a wrong shape", request.method),
                None,
            ));
        }
        Err(ErrorData::new(
            ErrorCode::METHOD_NOT_FOUND,
            request.method,
            None,
        ))
    }
}
