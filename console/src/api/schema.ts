// Generated from contracts/openapi.yaml by scripts/generate_api.mjs; do not edit.
export interface paths {
    "/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** This document */
        get: operations["get_contract"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How the server is */
        get: operations["get_status"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/activity": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What agents did in the last hour and day, in numbers
         * @description From the record, newest first, as far as it was read: `complete` is false when there was more.
         */
        get: operations["get_activity"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/account": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The account */
        get: operations["get_account"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/account/kill-switch": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What is halted, of all that can be */
        get: operations["get_halts"];
        /**
         * Halt, or let it go on
         * @description In effect on every loop when it answers; calls that were sent already run to their end. Deadlines of pending requests stand still while tools are halted, and get the time back. Halting what is halted changes nothing.
         */
        put: operations["set_halts"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/system": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How the server was started */
        get: operations["get_system"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/permissions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What each role and scope may do */
        get: operations["list_permissions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Changes as they happen (server-sent events)
         * @description Each event has a durable number as its id; `Last-Event-ID` resumes behind it, and `reset` says that the place is not kept any more: read everything again. Data is {kind, ref, at}, a reference only. `audit.written` says, a few times a second at most and to those with read_audit, that the record grew; it has no number and is not repeated. Ends when the credential does.
         */
        get: operations["stream_events"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/auth/link": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * What a one-time link is for
         * @description The token comes from the link's fragment.
         */
        post: operations["show_link"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/auth/setup": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Use a set-up link: choose a password, sign in */
        post: operations["set_up"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/auth/reset": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Use a reset link: choose a new password, sign in */
        post: operations["reset_password"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/auth/sign-in": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sign in with a password
         * @description Sets the cookie half of the session; the answer has the other half, for X-Preloop-Session.
         */
        post: operations["sign_in"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/auth/sign-out": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** End this session */
        post: operations["sign_out"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/auth/reauthenticate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Enter the password again
         * @description Good for five minutes, for what asks for a recent sign-in.
         */
        post: operations["reauthenticate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/auth/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Change one's password
         * @description Ends every other session.
         */
        put: operations["change_password"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/auth/elevate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * A key for five minutes, for one's password
         * @description For a terminal: keep it in memory only.
         */
        post: operations["elevate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/auth/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who is asking */
        get: operations["get_me"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/auth/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One's console sessions */
        get: operations["list_login_sessions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/auth/sessions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** End one of one's sessions */
        delete: operations["end_login_session"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/auth/login/start": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sign a terminal in through a browser
         * @description After RFC 8628. With an operator key and `scopes`: an elevation of that key by a click.
         */
        post: operations["start_login"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/auth/login/poll": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Has somebody confirmed it? */
        post: operations["poll_login"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/auth/login/lookup": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Which terminal has this code */
        post: operations["show_login"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/auth/login/confirm": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Confirm or deny a terminal */
        post: operations["confirm_login"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/auth/api-keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Keys, newest first
         * @description One's own and those of one's agents; with manage_keys all of them.
         */
        get: operations["list_keys"];
        put?: never;
        /**
         * Make a key; its secret is shown this once
         * @description An operator key is one's own (`decide` and `configure` need a recent sign-in). A key of an agent needs manage_agents, or manage_own_agents for one's own.
         */
        post: operations["create_key"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/auth/api-keys/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Revoke a key
         * @description Always the key one came with; one's own with manage_own_keys, others with manage_keys.
         */
        delete: operations["revoke_key"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Everybody */
        get: operations["list_users"];
        put?: never;
        /**
         * Invite somebody
         * @description Up to one's own role; an owner needs manage_owners. Without a password, make them a link.
         */
        post: operations["create_user"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/users/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One person */
        get: operations["get_user"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Change a person
         * @description Anybody their own display name; the rest needs manage_people, up to one's own role.
         */
        patch: operations["update_user"];
        trace?: never;
    };
    "/users/{id}/links": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make a one-time link; it is shown this once */
        post: operations["create_user_link"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/agents": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Managed agents */
        get: operations["list_agents"];
        put?: never;
        /**
         * Make an agent
         * @description Of somebody else or of nobody: needs manage_agents.
         */
        post: operations["create_agent"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/agents/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One agent */
        get: operations["get_agent"];
        put?: never;
        post?: never;
        /** Remove an agent and revoke its keys */
        delete: operations["remove_agent"];
        options?: never;
        head?: never;
        /**
         * Change, suspend or resume an agent
         * @description Suspending ends its streams and cancels its pending requests.
         */
        patch: operations["update_agent"];
        trace?: never;
    };
    "/agents/{id}/access-rules": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The rules that apply to an agent and its keys
         * @description In the order of scopes (account, agent, keys), each in its own order. The strictest scope wins; `defaults` is for calls that no rule names.
         */
        get: operations["list_agent_rules"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/runtime-sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Activities of agents, newest first */
        get: operations["list_runtime_sessions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/runtime-sessions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One activity */
        get: operations["get_runtime_session"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/runtime-sessions/{id}/end": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** End one; the next call starts another */
        post: operations["end_runtime_session"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/mcp-servers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** MCP servers */
        get: operations["list_servers"];
        put?: never;
        /**
         * Add a server
         * @description A stdio server runs a command on this machine: needs register_command.
         */
        post: operations["create_server"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/mcp-servers/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One server */
        get: operations["get_server"];
        /**
         * Change a server's configuration
         * @description To or from a command: needs register_command.
         */
        put: operations["update_server"];
        post?: never;
        /** Remove a server and its tools */
        delete: operations["remove_server"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/mcp-servers/{id}/scan": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** List its tools now */
        post: operations["scan_server"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/mcp-servers/{id}/accept": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Accept every new and changed tool of it */
        post: operations["accept_server"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tools": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Every tool, in the order of servers */
        get: operations["list_tools"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tools/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One tool with its definition */
        get: operations["get_tool"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tools/{id}/enable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Switch a tool on */
        post: operations["enable_tool"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tools/{id}/disable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Switch a tool off */
        post: operations["disable_tool"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tools/{id}/accept": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Accept a new or changed tool */
        post: operations["accept_tool"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tools/{id}/access-rules": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The account's rules that speak about a tool, in order */
        get: operations["get_access_rules"];
        /**
         * Replace the rules written for this tool alone
         * @description Edits the policy document: rules of exactly this tool in one scope are replaced where the first of them stood; rules with `*` and of other tools stay. The ETag is the policy's version.
         */
        put: operations["set_access_rules"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tools/{id}/access-rules/draft": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * The policy with these rules for the tool, to try it out
         * @description Changes nothing: the document goes to /policies/explain or /policies/replay.
         */
        post: operations["draft_access_rules"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/approval-workflows/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One workflow as the policy has it
         * @description Teams by their names, unlike in the list. The ETag is the policy's version.
         */
        get: operations["get_workflow"];
        /**
         * Add or replace a workflow of the policy
         * @description Under the name `default` it replaces the built-in one. Requests that wait keep the workflow they were made with.
         */
        put: operations["set_workflow"];
        post?: never;
        /**
         * Remove a workflow that no rule asks for
         * @description Removing `default` brings the built-in one back.
         */
        delete: operations["remove_workflow"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/approval-workflows": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who is asked, by name */
        get: operations["list_workflows"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/approval-workflows/{name}/simulate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who would be asked when, if nobody decided */
        get: operations["simulate_workflow"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/teams": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Teams of the policy */
        get: operations["list_teams"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/teams/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Make a team, or change its members
         * @description A new version of the policy. Requests that wait keep the members they were made with.
         */
        put: operations["set_team"];
        post?: never;
        /** Remove a team that no workflow asks */
        delete: operations["remove_team"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/approval-requests": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Requests, newest first */
        get: operations["list_approvals"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/approval-requests/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One request with everything a decision needs */
        get: operations["get_approval"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/approval-requests/decide": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Decide several requests alike
         * @description Each by itself, as /approve and /decline do: what one refuses the others do not feel. The answer says of each what became of it.
         */
        post: operations["decide_requests"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/approval-requests/{id}/approve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Approve a request
         * @description Only by who may speak for its workflow; never by the agent. 409 with the state when it is no longer pending.
         */
        post: operations["approve_request"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/approval-requests/{id}/decline": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Decline a request
         * @description Only by who may speak for its workflow; never by the agent. 409 with the state when it is no longer pending.
         */
        post: operations["decline_request"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/approval-requests/{id}/release": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Let the call of an unknown outcome be asked for again
         * @description It may have happened: look before.
         */
        post: operations["release_request"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/approval-requests/{id}/reveal": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * The arguments as they are, nothing masked
         * @description Recorded each time, before the answer.
         */
        post: operations["reveal_request"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/policies/validate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Is it a policy?
         * @description 400 with every problem. The document as JSON text in `document`, or as the body itself with Content-Type application/yaml.
         */
        post: operations["validate_policy"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/policies/diff": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * What applying it would change
         * @description The document as JSON text in `document`, or as the body itself with Content-Type application/yaml.
         */
        post: operations["diff_policy"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/policies/apply": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Put a policy in force
         * @description A document or an earlier `version`. Servers in it need configure_servers, a command register_command. Nothing happens when nothing changes. The document as JSON text in `document`, or as the body itself with Content-Type application/yaml.
         */
        post: operations["apply_policy"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/policies/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The policy in force with the servers of the moment
         * @description YAML; JSON with the text in it when Accept asks for application/json first.
         */
        get: operations["export_policy"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/policies/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Run a document's tests and others
         * @description The document as JSON text in `document`, or as the body itself with Content-Type application/yaml. Without a document: against what is in force.
         */
        post: operations["test_policy"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/policies/explain": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** What would happen to a call, and why */
        post: operations["explain_policy"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/policies/check-condition": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A condition against the input schemas of the tools it is for */
        post: operations["check_condition"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/policies/condition-language": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What conditions can say, for completion */
        get: operations["get_condition_language"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/policies/versions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Every policy there was, newest first */
        get: operations["list_policy_versions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/policies/versions/{number}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One of them */
        get: operations["get_policy_version"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/policies/versions/{number}/rollback": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Put an earlier version in force again, exactly
         * @description What came since goes. With `preview_only` nothing happens and `version` is the one in force.
         */
        post: operations["rollback_policy"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/policies/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * What a candidate policy would have decided otherwise
         * @description Runs the document, merged into what is in force, over the calls of the record. The document as JSON text in `document`, or as the body itself with Content-Type application/yaml. Calls whose arguments were erased or masked are skipped.
         */
        post: operations["replay_policy"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/policies/suggest": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Rules that the record speaks for, to be reviewed
         * @description From approvals that were always, or never, given. Never applied by itself.
         */
        get: operations["suggest_policy"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/policies/starter": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Rules to begin with, from what tools say of themselves */
        get: operations["starter_policy"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/policies/effective": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Everything that holds a caller
         * @description All scopes together, the strictest winning. Without an agent and a key: what holds everybody.
         */
        get: operations["get_effective_policy"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/secrets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Names of secrets */
        get: operations["list_secrets"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/secrets/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Set a secret; it is never shown again */
        put: operations["set_secret"];
        post?: never;
        /** Remove a secret */
        delete: operations["remove_secret"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/notification-channels": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Where messages leave */
        get: operations["list_notification_channels"];
        put?: never;
        /**
         * Set up a channel
         * @description A webhook without a secret gets one, shown once. One channel of email and ntfy each.
         */
        post: operations["create_notification_channel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/notification-channels/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Remove a channel */
        delete: operations["remove_notification_channel"];
        options?: never;
        head?: never;
        /**
         * Change a channel
         * @description New settings without the secret drop the old one: it never goes to another place.
         */
        patch: operations["update_notification_channel"];
        trace?: never;
    };
    "/notification-channels/{id}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send a test through a channel
         * @description To oneself, where the channel reaches people. How it went is in the deliveries.
         */
        post: operations["test_notification_channel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/notification-settings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How one is reached */
        get: operations["get_notification_settings"];
        /** Say how one wants to be reached */
        put: operations["set_notification_settings"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/notification-settings/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Send me a test */
        post: operations["test_notification"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/notification-deliveries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Messages and how they went, newest first
         * @description One's own; with configure_account everybody's. Kept 30 days.
         */
        get: operations["list_notification_deliveries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/notification-links/show": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * What a decision link is for
         * @description Decides nothing.
         */
        post: operations["show_notification_link"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/notification-links/decide": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Decide with a link, as its person
         * @description Once. By the same path as the console's: 403 when the person may not, 409 with the state when the request or the link is used up.
         */
        post: operations["decide_notification_link"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/devices": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What reaches one */
        get: operations["list_devices"];
        put?: never;
        /**
         * Add a device
         * @description An ntfy topic; without an address, one that nobody can guess.
         */
        post: operations["add_device"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/devices/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Remove one of one's devices */
        delete: operations["remove_device"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The record, newest first
         * @description A page may hold fewer than asked for although there are more. At most one of kind, group, action and outcome.
         */
        get: operations["list_audit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/audit/calls/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Everything about one call, oldest first */
        get: operations["get_call_story"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/audit/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The record as JSON lines, for `preloop audit verify` */
        get: operations["export_audit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/audit/heads": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Signed heads and the keys that sign */
        get: operations["list_heads"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        Problem: {
            type: string;
            title: string;
            status: number;
            detail?: string;
            errors?: components["schemas"]["Issue"][];
        };
        Issue: {
            path: string;
            message: string;
        };
        Id: string;
        Time: string;
        MaybeTime: string | null;
        MaybeId: string | null;
        Cursor: string | null;
        /** @enum {unknown} */
        Role: "viewer" | "member" | "approver" | "admin" | "owner";
        /** @enum {unknown} */
        Scope: "read" | "decide" | "configure";
        /** @enum {unknown} */
        Standing: "active" | "suspended";
        Status: {
            version: string;
            account: components["schemas"]["Id"];
            time: components["schemas"]["Time"];
            policy_version: number;
            pending_approvals: number;
            tools: number;
            servers: {
                total: number;
                ready: number;
                failed: number;
            };
            database: {
                /** @enum {unknown} */
                dialect: "sqlite" | "postgresql";
                writable: boolean;
                problem?: string;
            };
        };
        /** @enum {unknown} */
        HaltScope: "tools";
        Halt: {
            scope: components["schemas"]["HaltScope"];
            title: string;
            halted: boolean;
            /** @description Empty when it is not halted */
            reason: string;
            /** @description Who halted it */
            by: string;
            since: components["schemas"]["MaybeTime"];
        };
        HaltList: {
            items: components["schemas"]["Halt"][];
            next_cursor: components["schemas"]["Cursor"];
        };
        SetHalts: {
            halted: boolean;
            scopes: components["schemas"]["HaltScope"][];
            /** @description Needed to halt */
            reason?: string;
        };
        System: {
            started_at: components["schemas"]["Time"];
            listen: string[];
            public_url: string;
            data_dir: string;
            io_threads: number;
            tls: boolean;
            /** @description Commands may be registered as MCP servers over REST */
            allow_stdio: boolean;
            /** @description Of the record; 0 keeps everything */
            retention_days: number;
            /** @description Of the data dir; 0: only the disk's own end */
            disk_quota_bytes: number;
        };
        Account: {
            id: components["schemas"]["Id"];
            has_owner: boolean;
            people: number;
            agents: number;
        };
        Permission: {
            name: string;
            title: string;
            least_role: components["schemas"]["Role"];
            /** @description Which scope a key needs; null: no key may */
            scope: string | null;
            step_up: boolean;
        };
        PermissionList: {
            items: components["schemas"]["Permission"][];
            next_cursor: components["schemas"]["Cursor"];
        };
        LinkToken: {
            token: string;
        };
        LinkShown: {
            /** @enum {unknown} */
            purpose: "setup" | "reset";
            /** @description Empty: the visitor enters one and becomes the owner */
            email: string;
            expires_at: components["schemas"]["Time"];
        };
        LinkRedeem: {
            token: string;
            password: string;
            email?: string;
            display_name?: string;
        };
        SignIn: {
            email: string;
            password: string;
        };
        SessionStarted: {
            /** @description For X-Preloop-Session; the other half is the cookie */
            session_token: string;
            expires_at: components["schemas"]["Time"];
            person: components["schemas"]["Person"];
        };
        Password: {
            password: string;
        };
        PasswordChange: {
            current_password: string;
            new_password: string;
        };
        Elevate: {
            password: string;
            scopes: components["schemas"]["Scope"][];
        };
        Me: {
            /** @enum {unknown} */
            class: "session" | "operator_key";
            person: components["schemas"]["Person"];
            role: components["schemas"]["Role"];
            /** @description What this credential may do now */
            permissions: string[];
            key?: components["schemas"]["ApiKey"];
            session_id?: components["schemas"]["Id"];
            authenticated_at?: components["schemas"]["Time"];
        };
        LoginSession: {
            id: components["schemas"]["Id"];
            current: boolean;
            client: string;
            address: string;
            created_at: components["schemas"]["Time"];
            last_seen_at: components["schemas"]["Time"];
            expires_at: components["schemas"]["Time"];
        };
        LoginSessionList: {
            items: components["schemas"]["LoginSession"][];
            next_cursor: components["schemas"]["Cursor"];
        };
        LoginStart: {
            scopes?: components["schemas"]["Scope"][];
        };
        LoginStarted: {
            /** @description The terminal polls with it and shows it to nobody */
            device: string;
            code: string;
            verification_url: string;
            expires_at: components["schemas"]["Time"];
            /** @description Seconds between polls */
            interval: number;
        };
        LoginPoll: {
            device: string;
        };
        LoginPolled: {
            /** @enum {unknown} */
            state: "pending" | "denied" | "done";
            /** @description With done, this once */
            key?: string;
            api_key?: components["schemas"]["ApiKey"];
        };
        LoginCode: {
            code: string;
        };
        LoginWaiting: {
            scopes: components["schemas"]["Scope"][];
            elevation: boolean;
            client: string;
            address: string;
            created_at: components["schemas"]["Time"];
            expires_at: components["schemas"]["Time"];
        };
        LoginConfirm: {
            code: string;
            /** @enum {unknown} */
            decision: "confirmed" | "denied";
        };
        ApiKey: {
            id: components["schemas"]["Id"];
            /** @enum {unknown} */
            class: "operator" | "agent" | "execution";
            name: string;
            scopes: components["schemas"]["Scope"][];
            agent_id: components["schemas"]["MaybeId"];
            person_id: components["schemas"]["MaybeId"];
            made_by_admin: boolean;
            created_at: components["schemas"]["Time"];
            expires_at: components["schemas"]["MaybeTime"];
            revoked_at: components["schemas"]["MaybeTime"];
            last_used_at: components["schemas"]["MaybeTime"];
        };
        ApiKeyList: {
            items: components["schemas"]["ApiKey"][];
            next_cursor: components["schemas"]["Cursor"];
        };
        NewApiKey: {
            /** @enum {unknown} */
            class: "operator" | "agent";
            name: string;
            agent_id?: components["schemas"]["Id"];
            scopes?: components["schemas"]["Scope"][];
            /** Format: date-time */
            expires_at?: string;
        };
        IssuedKey: {
            id: components["schemas"]["Id"];
            /** @description Shown this once */
            key: string;
            /** @enum {unknown} */
            class: "operator" | "agent" | "execution";
            name: string;
            api_key: components["schemas"]["ApiKey"];
        };
        Person: {
            id: components["schemas"]["Id"];
            email: string;
            display_name: string;
            role: components["schemas"]["Role"];
            status: components["schemas"]["Standing"];
            has_password: boolean;
            created_at: components["schemas"]["Time"];
            revision: number;
        };
        PersonList: {
            items: components["schemas"]["Person"][];
            next_cursor: components["schemas"]["Cursor"];
        };
        NewPerson: {
            email: string;
            display_name?: string;
            role?: components["schemas"]["Role"];
        };
        PersonPatch: {
            display_name?: string;
            role?: components["schemas"]["Role"];
            status?: components["schemas"]["Standing"];
        };
        NewLink: {
            /** @enum {unknown} */
            purpose: "setup" | "reset";
        };
        LinkMade: {
            url: string;
            expires_at: components["schemas"]["Time"];
        };
        Agent: {
            id: components["schemas"]["Id"];
            name: string;
            kind: string;
            tags: string[];
            owner_id: components["schemas"]["MaybeId"];
            status: components["schemas"]["Standing"];
            created_at: components["schemas"]["Time"];
            revision: number;
        };
        AgentList: {
            items: components["schemas"]["Agent"][];
            next_cursor: components["schemas"]["Cursor"];
        };
        NewAgent: {
            name: string;
            kind?: string;
            tags?: string[];
            owner_id?: components["schemas"]["MaybeId"];
        };
        AgentPatch: {
            name?: string;
            kind?: string;
            tags?: string[];
            owner_id?: components["schemas"]["MaybeId"];
            status?: components["schemas"]["Standing"];
        };
        AgentRule: {
            /** @enum {unknown} */
            scope: "account" | "agent" | "key";
            /** @description The key's name in the scope of a key */
            scope_name: string;
            /** @description In its scope, from 1 */
            position: number;
            tool: string;
            when: string;
            action: components["schemas"]["RuleAction"];
            workflow: string;
            message: string;
            enabled: boolean;
        };
        AgentRules: {
            items: components["schemas"]["AgentRule"][];
            next_cursor: components["schemas"]["Cursor"];
            policy_version: number;
            defaults: {
                unknown_tools: components["schemas"]["Action"];
                no_match: components["schemas"]["Action"];
                new_tools: components["schemas"]["Action"];
            };
        };
        RuntimeSession: {
            id: components["schemas"]["Id"];
            agent_id: components["schemas"]["Id"];
            key_id: components["schemas"]["Id"];
            client: string;
            started_at: components["schemas"]["Time"];
            last_active_at: components["schemas"]["Time"];
            ended_at: components["schemas"]["MaybeTime"];
            end_reason: string;
        };
        RuntimeSessionList: {
            items: components["schemas"]["RuntimeSession"][];
            next_cursor: components["schemas"]["Cursor"];
        };
        Reason: {
            reason?: string;
        };
        ServerConfig: {
            name: string;
            /** @enum {unknown} */
            transport: "stdio" | "streamable_http";
            command?: string;
            args?: string[];
            env?: {
                [key: string]: string;
            };
            url?: string;
            headers?: {
                [key: string]: string;
            };
            auth?: {
                /** @enum {unknown} */
                type: "none" | "bearer";
                /** @description secret:NAME */
                token?: string;
            };
            /** @description Seconds */
            call_timeout?: number;
        };
        Server: {
            id: components["schemas"]["Id"];
            name: string;
            /** @enum {unknown} */
            transport: "stdio" | "streamable_http";
            config: components["schemas"]["ServerConfig"];
            /** @enum {unknown} */
            status: "connecting" | "ready" | "failed";
            last_error: string;
            last_scan_at: components["schemas"]["MaybeTime"];
            /** @description Its first listing was taken */
            accepted: boolean;
            tools: number;
            revision: number;
        };
        ServerList: {
            items: components["schemas"]["Server"][];
            next_cursor: components["schemas"]["Cursor"];
        };
        Tool: {
            id: components["schemas"]["Id"];
            name: string;
            exposed_name: string;
            server: string;
            server_id: components["schemas"]["Id"];
            description: string;
            /** @description By its switch and by the policy */
            enabled: boolean;
            /** @enum {unknown} */
            pin: "accepted" | "new_tool" | "changed";
            /** @description What changed since it was accepted */
            changes?: string[];
            /** @description Why its input schema cannot be used */
            schema_problem: string;
            /** @description About what its definition costs an agent in each request: a token is taken as four bytes */
            context_tokens: number;
            annotations: {
                read_only_hint: boolean;
                destructive_hint: boolean;
                idempotent_hint: boolean;
                open_world_hint: boolean;
            };
            /** @description As the server sent it; not in lists */
            definition?: Record<string, never>;
            /** @description As it was accepted, when it changed since; not in lists */
            accepted_definition?: Record<string, never>;
        };
        ToolList: {
            items: components["schemas"]["Tool"][];
            next_cursor: components["schemas"]["Cursor"];
        };
        /** @enum {unknown} */
        Action: "allow" | "require_approval" | "deny";
        /**
         * @description observe: recorded when it matches, decides nothing
         * @enum {unknown}
         */
        RuleAction: "allow" | "require_approval" | "deny" | "observe";
        AccessRule: {
            /** @description In the rules of its scope, from 1 */
            position: number;
            tool: string;
            /** @description The tool must have all of them */
            tagged: components["schemas"]["ToolTag"][];
            when: string;
            action: components["schemas"]["RuleAction"];
            /** @enum {unknown} */
            justification: "none" | "optional" | "required";
            workflow: string;
            message: string;
            description: string;
            enabled: boolean;
            /** @description Written for this tool alone: PUT replaces it */
            own: boolean;
            /** @enum {unknown} */
            scope: "account" | "agent" | "key";
            /** @description The agent or key; empty for the account */
            scope_name: string;
        };
        /** @enum {unknown} */
        ToolTag: "read_only" | "destructive" | "idempotent" | "open_world";
        AccessRules: {
            items: components["schemas"]["AccessRule"][];
            /** @description What rules of agents and keys say about it; they can only tighten */
            scoped: components["schemas"]["AccessRule"][];
            /** @description Agents and keys that may not use it at all */
            off_for: {
                /** @enum {unknown} */
                scope: "agent" | "key";
                scope_name: string;
            }[];
            next_cursor: components["schemas"]["Cursor"];
            /** @description What happens when no rule fits */
            defaults: {
                unknown_tools: components["schemas"]["Action"];
                no_match: components["schemas"]["Action"];
                new_tools: components["schemas"]["Action"];
                workflow: string;
            };
            policy_version: number;
            warnings: components["schemas"]["Issue"][];
        };
        NewAccessRules: {
            comment?: string;
            /**
             * @description Whose rules are replaced
             * @default account
             * @enum {unknown}
             */
            scope: "account" | "agent" | "key";
            /** @description The agent or key */
            scope_name?: string;
            /** @description Of an agent or key: whether it may use the tool at all; absent: as it is */
            enabled?: boolean;
            rules: {
                tagged?: components["schemas"]["ToolTag"][];
                when?: string;
                action: components["schemas"]["RuleAction"];
                workflow?: string;
                message?: string;
                description?: string;
                /** @enum {unknown} */
                justification?: "none" | "optional" | "required";
                enabled?: boolean;
            }[];
        };
        Workflow: {
            name: string;
            /** @description Other ways to satisfy it */
            alternatives: components["schemas"]["Alternative"][];
            decline: components["schemas"]["Declining"];
            /** @description Roles and addresses, teams by their members; empty: role approver */
            approvers: string[];
            escalation: {
                /** @description Seconds from the request */
                after: number;
                approvers: string[];
                /** @description Seconds */
                timeout: number;
            }[];
            /** @enum {unknown} */
            mode: "hold" | "async";
            quorum: number;
            /** @description Seconds */
            timeout: number;
            /** @description Seconds */
            approval_valid_for: number;
            require_reason: boolean;
            exclude_agent_owner: boolean;
        };
        EscalationLevel: {
            /** @description Seconds from the request */
            after: number;
            approvers: string[];
            /** @description Seconds */
            timeout: number;
        };
        Alternative: {
            approvers: string[];
            quorum: number;
            require_reason: boolean;
        };
        /**
         * @description veto: one decline declines; arithmetic: when the quorum cannot be reached any more
         * @enum {unknown}
         */
        Declining: "veto" | "arithmetic";
        WorkflowStep: {
            /** @enum {unknown} */
            kind: "asked" | "reminder" | "escalated" | "expires";
            /** @description Seconds from the request */
            after: number;
            workflow: string;
            /** @description 0: its own approvers */
            level: number;
            /** @description Of the level's time, for a reminder; else 0 */
            percent: number;
            /** @description Who is asked, or reminded: names as written, teams by their members */
            approvers: string[];
        };
        WorkflowPlan: {
            items: components["schemas"]["SimulatedStep"][];
            next_cursor: components["schemas"]["Cursor"];
        };
        SimulatedStep: {
            /** @enum {unknown} */
            kind: "asked" | "reminder" | "escalated" | "expires";
            /** @description Seconds from the request */
            after: number;
            workflow: string;
            level: number;
            percent: number;
            approvers: string[];
            /** @description Whoever may decide at this moment, as people are now */
            people: string[];
            /** @description There are enough of them */
            reachable: boolean;
        };
        Team: {
            name: string;
            /** @description Addresses */
            members: string[];
            /** @description Those that ask it */
            workflows: string[];
            policy_version: number;
        };
        TeamList: {
            items: components["schemas"]["Team"][];
            next_cursor: components["schemas"]["Cursor"];
        };
        SetTeam: {
            members: string[];
            comment?: string;
        };
        NewWorkflow: {
            comment?: string;
            description?: string;
            /** @description Teams, roles and addresses; empty: role approver */
            approvers: string[];
            quorum: number;
            /** @description Seconds */
            timeout: number;
            /**
             * @description Seconds
             * @default 900
             */
            approval_valid_for: number;
            /** @default false */
            require_reason: boolean;
            /** @default false */
            exclude_agent_owner: boolean;
            alternatives?: components["schemas"]["Alternative"][];
            decline?: components["schemas"]["Declining"];
            escalation?: components["schemas"]["EscalationLevel"][];
            /**
             * @default hold
             * @enum {unknown}
             */
            mode: "hold" | "async";
        };
        WrittenWorkflow: {
            name: string;
            /** @description Other ways to satisfy it */
            alternatives: components["schemas"]["Alternative"][];
            decline: components["schemas"]["Declining"];
            description: string;
            approvers: string[];
            quorum: number;
            /** @description Seconds */
            timeout: number;
            /** @description Seconds */
            approval_valid_for: number;
            require_reason: boolean;
            exclude_agent_owner: boolean;
            escalation: components["schemas"]["EscalationLevel"][];
            /** @enum {unknown} */
            mode: "hold" | "async";
            /** @description Not in the policy: what `default` is without one */
            built_in: boolean;
            /** @description Those of the policy, whom it could ask */
            teams: string[];
            policy_version: number;
        };
        WorkflowList: {
            items: components["schemas"]["Workflow"][];
            next_cursor: components["schemas"]["Cursor"];
        };
        /** @enum {unknown} */
        ApprovalStatus: "pending" | "approved" | "declined" | "expired" | "cancelled" | "superseded" | "executing" | "succeeded" | "failed" | "unknown";
        RuleMatch: {
            /** @enum {unknown} */
            scope: "account" | "agent" | "key";
            scope_name: string;
            position: number;
            tool: string;
            when: string;
            error: string;
        };
        Vote: {
            person_id: components["schemas"]["Id"];
            person: string;
            /** @enum {unknown} */
            decision: "approve" | "decline";
            comment: string;
            /** @enum {unknown} */
            channel: "console" | "cli" | "email" | "ntfy";
            at: components["schemas"]["Time"];
        };
        Approval: {
            id: components["schemas"]["Id"];
            status: components["schemas"]["ApprovalStatus"];
            call_id: components["schemas"]["Id"];
            agent_id: components["schemas"]["Id"];
            agent: string;
            session_id: components["schemas"]["Id"];
            server: string;
            server_id: components["schemas"]["Id"];
            tool: string;
            /** @description With secrets and the like masked */
            arguments: unknown;
            /** @description Something was masked */
            arguments_redacted: boolean;
            /** @description Why, in the agent's words; empty when it was not asked */
            justification: string;
            cause: string;
            message: string;
            rule: null | components["schemas"]["RuleMatch"];
            workflows: components["schemas"]["Workflow"][];
            /** @description In words */
            approvers: string;
            votes: components["schemas"]["Vote"][];
            created_at: components["schemas"]["Time"];
            expires_at: components["schemas"]["Time"];
            decided_at: components["schemas"]["MaybeTime"];
            valid_until: components["schemas"]["MaybeTime"];
            closing_reason: string;
            approval_digest: string;
            definition_changes: string[];
            /** @description How often it was escalated */
            level: number;
            /** @description What happens if nobody decides, from the request to its end */
            steps: {
                /** @enum {unknown} */
                kind: "asked" | "reminder" | "escalated" | "expires";
                at: components["schemas"]["Time"];
                done: boolean;
                workflow: string;
                level: number;
                percent: number;
                approvers: string[];
            }[];
            revision: number;
        };
        Revealed: {
            id: components["schemas"]["Id"];
            arguments: unknown;
        };
        ApprovalList: {
            items: components["schemas"]["Approval"][];
            next_cursor: components["schemas"]["Cursor"];
        };
        Comment: {
            comment?: string;
        };
        DecideSeveral: {
            ids: components["schemas"]["Id"][];
            /** @enum {unknown} */
            decision: "approve" | "decline";
            comment?: string;
        };
        DecidedSeveral: {
            items: {
                id: components["schemas"]["Id"];
                /** @description Now; null when the vote was refused */
                status: null | components["schemas"]["ApprovalStatus"];
                /** @description Why it was refused; else empty */
                problem: string;
            }[];
            next_cursor: components["schemas"]["Cursor"];
        };
        PolicyDocument: {
            document: string;
            /** @description Objects that the document does not name go */
            prune?: boolean;
        };
        PolicyRollback: {
            comment?: string;
            /** @description 409 when another is in force */
            expected_version?: number;
            preview_only?: boolean;
        };
        PolicyApply: {
            document?: string;
            /** @description An earlier version instead of a document */
            version?: number;
            /** @description Objects that the document does not name go; an earlier version is always exact */
            prune?: boolean;
            comment?: string;
            /** @description 409 when another is in force */
            expected_version?: number;
        } & (unknown | unknown);
        PolicyChange: {
            /** @enum {unknown} */
            kind: "added" | "removed" | "changed";
            section: string;
            name: string;
            before: string;
            after: string;
        };
        PolicyProposal: {
            /** @description In force, not named by the document, and staying because nothing is pruned */
            kept: string[];
            changes: components["schemas"]["PolicyChange"][];
            warnings: components["schemas"]["Issue"][];
            base_version: number;
            /** @description The changes as lines with + and - */
            text: string;
        };
        PolicyApplied: {
            version: number;
            changes: components["schemas"]["PolicyChange"][];
            warnings: components["schemas"]["Issue"][];
            text: string;
        };
        PolicyExport: {
            document: string;
            version: number;
        };
        PolicyTestCase: {
            tool: string;
            args?: Record<string, never>;
            expect: components["schemas"]["Action"];
            agent?: string;
            key?: string;
            now?: components["schemas"]["Time"];
        };
        PolicyTest: {
            document?: string;
            tests?: components["schemas"]["PolicyTestCase"][];
        };
        PolicyTestOutcome: {
            tool: string;
            args: Record<string, never>;
            agent: string;
            expect: components["schemas"]["Action"];
            actual: components["schemas"]["Action"];
            passed: boolean;
            message: string;
        };
        PolicyTestReport: {
            passed: number;
            failed: number;
            items: components["schemas"]["PolicyTestOutcome"][];
        };
        ConditionCheck: {
            /** @description The condition, in CEL */
            when: string;
            /** @description As in a rule: a bare name, server/tool, or with *; without it only names and syntax are checked */
            tool?: string;
        };
        ConditionFinding: {
            /** @enum {unknown} */
            severity: "error" | "warning";
            /** @enum {unknown} */
            code: "syntax" | "unknown_variable" | "unknown_function" | "unknown_field" | "type" | "not_in_enum" | "cost" | "undeclared_field" | "unguarded_field" | "may_be_null" | "unanchored_regex" | "constant" | "untyped";
            line: number;
            /** @description In characters */
            column: number;
            message: string;
            /** @description Empty when there is none */
            suggestion: string;
            /** @description Exposed names it is about; empty: all */
            tools: string[];
        };
        CheckedCondition: {
            /** @description No errors */
            ok: boolean;
            findings: components["schemas"]["ConditionFinding"][];
        };
        ConditionLanguage: {
            /** @description What can be read besides `args`, whose fields the tool's input schema has */
            names: {
                /** @description With dots: agent.name */
                name: string;
                type: string;
            }[];
            functions: {
                name: string;
                library: string;
                /** @enum {unknown} */
                style: "global" | "member" | "either";
                /** @description Separated by semicolons; of a member the target is the first parameter */
                signatures: string;
                summary: string;
            }[];
        };
        PolicyExplain: {
            /** @description Exposed name, server/tool, or the bare name */
            tool: string;
            args?: Record<string, never>;
            agent?: string;
            key?: string;
            document?: string;
        };
        PolicyStep: {
            rule: components["schemas"]["RuleMatch"];
            action: components["schemas"]["RuleAction"];
            /**
             * @description also_matched: would have, but an earlier rule of its scope did
             * @enum {unknown}
             */
            result: "matched" | "not_matched" | "error" | "also_matched" | "not_reached";
            /** @description What its condition read, secrets masked */
            values: {
                path: string;
                value: string;
            }[];
        };
        EffectiveTool: {
            id: components["schemas"]["Id"];
            server: string;
            tool: string;
            exposed_name: string;
            /** @description false: no call of it can ever be let through, so it is not listed */
            listed: boolean;
            /** @enum {unknown} */
            outcome: "allow" | "require_approval" | "deny" | "depends";
            /** @enum {unknown} */
            justification: "none" | "optional" | "required";
            rules: {
                rule: components["schemas"]["RuleMatch"];
                action: components["schemas"]["RuleAction"];
                message: string;
            }[];
        };
        EffectivePolicy: {
            items: components["schemas"]["EffectiveTool"][];
            next_cursor: components["schemas"]["Cursor"];
            /** @description null: not restricted */
            allowed_models: null | string[];
            defaults: {
                unknown_tools: components["schemas"]["Action"];
                no_match: components["schemas"]["Action"];
                new_tools: components["schemas"]["Action"];
                workflow: string;
            };
            policy_version: number;
        };
        PolicyExplanation: {
            items: {
                server: string;
                tool: string;
                tool_is_known: boolean;
                action: components["schemas"]["Action"];
                cause: string;
                message: string;
                rule: null | components["schemas"]["RuleMatch"];
                workflows: string[];
                steps: components["schemas"]["PolicyStep"][];
            }[];
        };
        PolicyReplay: {
            document: string;
            days?: number;
        };
        PolicyReplayReport: {
            calls: number;
            same: number;
            changed: number;
            /** @description Their arguments were erased, masked or too large */
            skipped: number;
            since: components["schemas"]["Time"];
            items: {
                server: string;
                tool: string;
                before: components["schemas"]["Action"];
                after: components["schemas"]["Action"];
                /** @description The rule that decides now, or the cause */
                why: string;
                calls: number;
                agents: number;
                /** @description Arguments of one of them, secrets masked */
                example: string;
            }[];
        };
        ProposedPolicy: {
            document: string;
            count: number;
        };
        PolicyVersion: {
            number: number;
            hash: string;
            actor: string;
            comment: string;
            created_at: components["schemas"]["Time"];
            /** @description Not in lists */
            document?: string;
        };
        PolicyVersionList: {
            items: components["schemas"]["PolicyVersion"][];
            next_cursor: components["schemas"]["Cursor"];
        };
        SecretInfo: {
            name: string;
            version: number;
            created_at: components["schemas"]["Time"];
            updated_at: components["schemas"]["Time"];
        };
        SecretList: {
            items: components["schemas"]["SecretInfo"][];
            next_cursor: components["schemas"]["Cursor"];
        };
        SecretValue: {
            value: string;
        };
        /** @enum {unknown} */
        NotificationKind: "webhook" | "email" | "ntfy";
        /** @enum {unknown} */
        PersonalChannel: "email" | "ntfy";
        NotificationChannel: {
            id: components["schemas"]["Id"];
            kind: components["schemas"]["NotificationKind"];
            name: string;
            enabled: boolean;
            settings: components["schemas"]["NotificationChannelSettings"];
            has_secret: boolean;
            created_at: components["schemas"]["Time"];
            revision: number;
        };
        NotificationChannelList: {
            items: components["schemas"]["NotificationChannel"][];
            next_cursor: components["schemas"]["Cursor"];
        };
        /** @description Those that fit the kind */
        NotificationChannelSettings: {
            /** @description webhook, ntfy */
            url?: string;
            /** @description email */
            host?: string;
            port?: number;
            /**
             * @description none: on this machine only
             * @enum {unknown}
             */
            security?: "starttls" | "tls" | "none";
            user?: string;
            from?: string;
        };
        NewNotificationChannel: {
            kind: components["schemas"]["NotificationKind"];
            name?: string;
            enabled?: boolean;
            settings: components["schemas"]["NotificationChannelSettings"];
            /** @description The webhook's signing secret, the mail user's password, the ntfy token */
            secret?: string;
        };
        NotificationChannelPatch: {
            name?: string;
            enabled?: boolean;
            settings?: components["schemas"]["NotificationChannelSettings"];
            secret?: string;
        };
        NotificationChannelMade: {
            channel: components["schemas"]["NotificationChannel"];
            /** @description Of a webhook, when it was made here; never shown again */
            secret: string | null;
        };
        NotificationTest: {
            id: components["schemas"]["Id"];
        };
        NotificationTestOf: {
            channel: components["schemas"]["PersonalChannel"];
        };
        NotificationStep: {
            channel: components["schemas"]["PersonalChannel"];
            /** @description Seconds without a decision */
            after: number;
        };
        MaybeQuietHours: {
            from: string;
            to: string;
            time_zone: string;
        } | null;
        NotificationPreference: {
            steps: components["schemas"]["NotificationStep"][];
            quiet_hours: components["schemas"]["MaybeQuietHours"];
        };
        NotificationSettings: {
            steps: components["schemas"]["NotificationStep"][];
            quiet_hours: components["schemas"]["MaybeQuietHours"];
            channels: components["schemas"]["PersonalChannelInfo"][];
            revision: number;
        };
        PersonalChannelInfo: {
            kind: components["schemas"]["PersonalChannel"];
            name: string;
            server: string;
        };
        NotificationDelivery: {
            id: components["schemas"]["Id"];
            channel_id: components["schemas"]["Id"];
            kind: components["schemas"]["NotificationKind"];
            /** @enum {unknown} */
            event: "approval" | "approval.created" | "approval.decided" | "webhook.test";
            approval_id: components["schemas"]["MaybeId"];
            person_id: components["schemas"]["MaybeId"];
            /** @enum {unknown} */
            state: "waiting" | "sent" | "failed" | "skipped";
            attempts: number;
            error: string;
            created_at: components["schemas"]["Time"];
            due_at: components["schemas"]["MaybeTime"];
            sent_at: components["schemas"]["MaybeTime"];
        };
        NotificationDeliveryList: {
            items: components["schemas"]["NotificationDelivery"][];
            next_cursor: components["schemas"]["Cursor"];
        };
        NotificationLinkToken: {
            token: string;
        };
        NotificationLinkDecision: {
            token: string;
            /** @enum {unknown} */
            decision: "approve" | "decline";
            comment?: string;
        };
        NotificationLinkShown: {
            approval: components["schemas"]["Approval"];
            /** @description Whom it was sent to */
            person: string;
            used: boolean;
        };
        Device: {
            id: components["schemas"]["Id"];
            kind: components["schemas"]["PersonalChannel"];
            name: string;
            address: string;
            created_at: components["schemas"]["Time"];
        };
        DeviceList: {
            items: components["schemas"]["Device"][];
            next_cursor: components["schemas"]["Cursor"];
        };
        NewDevice: {
            /** @enum {unknown} */
            kind: "ntfy";
            name: string;
            address?: string;
        };
        /** @description Record v1, docs/formats/audit-record-v1.md */
        AuditRecord: {
            /** @constant */
            v: 1;
            account: components["schemas"]["Id"];
            chain: components["schemas"]["Id"];
            seq: number;
            prev: string;
            at: components["schemas"]["Time"];
            id: components["schemas"]["Id"];
            kind: string;
            actor: Record<string, never>;
        };
        /** @description Tool calls by what was decided about them */
        ActivityCounts: {
            calls: number;
            allowed: number;
            /** @description A person was asked */
            held: number;
            denied: number;
        };
        AgentActivity: {
            agent_id: components["schemas"]["Id"];
            /** @description Empty when it was removed */
            agent: string;
            calls: number;
            allowed: number;
            held: number;
            denied: number;
            last_at: components["schemas"]["Time"];
        };
        Activity: {
            hour: components["schemas"]["ActivityCounts"];
            day: components["schemas"]["ActivityCounts"];
            complete: boolean;
            /** @description Of the day, the busiest first */
            agents: components["schemas"]["AgentActivity"][];
        };
        AuditList: {
            items: components["schemas"]["AuditRecord"][];
            next_cursor: components["schemas"]["Cursor"];
        };
        CallStory: {
            call_id: components["schemas"]["Id"];
            items: components["schemas"]["AuditRecord"][];
            payloads: {
                record_id: components["schemas"]["Id"];
                /** @enum {unknown} */
                kind: "args" | "result" | "error" | "comment";
                /** @description Of the real bytes */
                size: number;
                /** @description False: only the beginning is here, or nothing was kept */
                complete: boolean;
                /** @description With secrets and the like masked */
                text: string;
            }[];
        };
        HeadList: {
            items: {
                /** @enum {unknown} */
                purpose: "head" | "retention" | "range";
                origin: string;
                chain: components["schemas"]["Id"];
                seq: number;
                hash: string;
                at: components["schemas"]["Time"];
                key_id: string;
                signature: string;
            }[];
            next_cursor: components["schemas"]["Cursor"];
            keys: {
                id: string;
                public_key: string;
                endorsed_by: string;
            }[];
        };
    };
    responses: {
        /** @description RFC 9457 */
        Problem: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
    };
    parameters: {
        /** @description next_cursor of the page before */
        cursor: string;
        limit: number;
        id: string;
        number: number;
        workflow_name: string;
        secret_name: string;
        if_match: string;
        idempotency_key: string;
        last_event_id: number;
        /** @description Of this agent only */
        agent: string;
        /** @description Of the server with this name or id */
        server: string;
        /** @description Name or description contains this */
        q: string;
        approval_status: components["schemas"]["ApprovalStatus"];
        /** @description Inclusive */
        from: string;
        /** @description Exclusive */
        until: string;
        /** @description About this request only */
        approval: string;
        call: string;
        tool: string;
        /** @description For instance call.decided */
        kind: string;
        /** @description Kinds that begin with this; `calls`: everything about calls, their approvals included */
        record_group: "calls" | "call" | "approval" | "config" | "key" | "agent" | "person" | "auth" | "session" | "system" | "chain" | "retention" | "backup" | "restore" | "export" | "notification";
        /** @description Decisions on calls with this result */
        record_action: components["schemas"]["Action"];
        /** @description Calls that ended so */
        record_outcome: "succeeded" | "tool_error" | "upstream_error" | "not_sent" | "unknown" | "cancelled";
        include: "records" | "payloads";
        /** @description So many days back */
        days: number;
        agent_name: string;
        key_name: string;
        /** @description For a body in YAML; otherwise in the body: objects that the document does not name go */
        prune: boolean;
        /** @description For a body in YAML; otherwise in the body */
        expected_version: number;
        /** @description For a body in YAML; otherwise in the body */
        comment: string;
    };
    requestBodies: never;
    headers: {
        /** @description The revision, for If-Match */
        ETag: string;
    };
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    get_contract: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_status: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Status"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_activity: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Activity"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_account: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Account"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_halts: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HaltList"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    set_halts: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: components["parameters"]["idempotency_key"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SetHalts"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HaltList"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_system: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["System"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    list_permissions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PermissionList"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    stream_events: {
        parameters: {
            query?: never;
            header?: {
                "Last-Event-ID"?: components["parameters"]["last_event_id"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    show_link: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LinkToken"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LinkShown"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    set_up: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LinkRedeem"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionStarted"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    reset_password: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LinkRedeem"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionStarted"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    sign_in: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SignIn"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionStarted"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    sign_out: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: components["parameters"]["idempotency_key"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    reauthenticate: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Password"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    change_password: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PasswordChange"];
            };
        };
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    elevate: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Elevate"];
            };
        };
        responses: {
            /** @description Made */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IssuedKey"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_me: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    list_login_sessions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LoginSessionList"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    end_login_session: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: components["parameters"]["idempotency_key"];
            };
            path: {
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    start_login: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["LoginStart"];
            };
        };
        responses: {
            /** @description Made */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LoginStarted"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    poll_login: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LoginPoll"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LoginPolled"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    show_login: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LoginCode"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LoginWaiting"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    confirm_login: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LoginConfirm"];
            };
        };
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    list_keys: {
        parameters: {
            query?: {
                /** @description next_cursor of the page before */
                cursor?: components["parameters"]["cursor"];
                limit?: components["parameters"]["limit"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiKeyList"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    create_key: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: components["parameters"]["idempotency_key"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewApiKey"];
            };
        };
        responses: {
            /** @description Made */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IssuedKey"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    revoke_key: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: components["parameters"]["idempotency_key"];
            };
            path: {
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    list_users: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PersonList"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    create_user: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: components["parameters"]["idempotency_key"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewPerson"];
            };
        };
        responses: {
            /** @description Made */
            201: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Person"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_user: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Person"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    update_user: {
        parameters: {
            query?: never;
            header: {
                "If-Match": components["parameters"]["if_match"];
                "Idempotency-Key"?: components["parameters"]["idempotency_key"];
            };
            path: {
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PersonPatch"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Person"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    create_user_link: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: components["parameters"]["idempotency_key"];
            };
            path: {
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewLink"];
            };
        };
        responses: {
            /** @description Made */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LinkMade"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    list_agents: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AgentList"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    create_agent: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: components["parameters"]["idempotency_key"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewAgent"];
            };
        };
        responses: {
            /** @description Made */
            201: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Agent"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_agent: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Agent"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    remove_agent: {
        parameters: {
            query?: never;
            header: {
                "If-Match": components["parameters"]["if_match"];
                "Idempotency-Key"?: components["parameters"]["idempotency_key"];
            };
            path: {
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    update_agent: {
        parameters: {
            query?: never;
            header: {
                "If-Match": components["parameters"]["if_match"];
                "Idempotency-Key"?: components["parameters"]["idempotency_key"];
            };
            path: {
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AgentPatch"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Agent"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    list_agent_rules: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AgentRules"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    list_runtime_sessions: {
        parameters: {
            query?: {
                /** @description next_cursor of the page before */
                cursor?: components["parameters"]["cursor"];
                limit?: components["parameters"]["limit"];
                /** @description Of this agent only */
                agent?: components["parameters"]["agent"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RuntimeSessionList"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_runtime_session: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RuntimeSession"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    end_runtime_session: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: components["parameters"]["idempotency_key"];
            };
            path: {
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["Reason"];
            };
        };
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    list_servers: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServerList"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    create_server: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: components["parameters"]["idempotency_key"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ServerConfig"];
            };
        };
        responses: {
            /** @description Made */
            201: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Server"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_server: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Server"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    update_server: {
        parameters: {
            query?: never;
            header: {
                "If-Match": components["parameters"]["if_match"];
                "Idempotency-Key"?: components["parameters"]["idempotency_key"];
            };
            path: {
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ServerConfig"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Server"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    remove_server: {
        parameters: {
            query?: never;
            header: {
                "If-Match": components["parameters"]["if_match"];
                "Idempotency-Key"?: components["parameters"]["idempotency_key"];
            };
            path: {
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    scan_server: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: components["parameters"]["idempotency_key"];
            };
            path: {
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Server"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    accept_server: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: components["parameters"]["idempotency_key"];
            };
            path: {
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Server"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    list_tools: {
        parameters: {
            query?: {
                /** @description next_cursor of the page before */
                cursor?: components["parameters"]["cursor"];
                limit?: components["parameters"]["limit"];
                /** @description Of the server with this name or id */
                server?: components["parameters"]["server"];
                /** @description Name or description contains this */
                q?: components["parameters"]["q"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ToolList"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_tool: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Tool"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    enable_tool: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: components["parameters"]["idempotency_key"];
            };
            path: {
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Tool"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    disable_tool: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: components["parameters"]["idempotency_key"];
            };
            path: {
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Tool"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    accept_tool: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: components["parameters"]["idempotency_key"];
            };
            path: {
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Tool"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_access_rules: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccessRules"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    set_access_rules: {
        parameters: {
            query?: never;
            header: {
                "If-Match": components["parameters"]["if_match"];
                "Idempotency-Key"?: components["parameters"]["idempotency_key"];
            };
            path: {
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewAccessRules"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccessRules"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    draft_access_rules: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewAccessRules"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PolicyExport"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_workflow: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: components["parameters"]["workflow_name"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WrittenWorkflow"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    set_workflow: {
        parameters: {
            query?: never;
            header: {
                "If-Match": components["parameters"]["if_match"];
                "Idempotency-Key"?: components["parameters"]["idempotency_key"];
            };
            path: {
                name: components["parameters"]["workflow_name"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewWorkflow"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WrittenWorkflow"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    remove_workflow: {
        parameters: {
            query?: never;
            header: {
                "If-Match": components["parameters"]["if_match"];
                "Idempotency-Key"?: components["parameters"]["idempotency_key"];
            };
            path: {
                name: components["parameters"]["workflow_name"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    list_workflows: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WorkflowList"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    simulate_workflow: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: components["parameters"]["workflow_name"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WorkflowPlan"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    list_teams: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TeamList"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    set_team: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: components["parameters"]["idempotency_key"];
            };
            path: {
                name: components["parameters"]["workflow_name"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SetTeam"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TeamList"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    remove_team: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: components["parameters"]["idempotency_key"];
            };
            path: {
                name: components["parameters"]["workflow_name"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    list_approvals: {
        parameters: {
            query?: {
                /** @description next_cursor of the page before */
                cursor?: components["parameters"]["cursor"];
                limit?: components["parameters"]["limit"];
                status?: components["parameters"]["approval_status"];
                /** @description Of this agent only */
                agent?: components["parameters"]["agent"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApprovalList"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_approval: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Approval"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    decide_requests: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: components["parameters"]["idempotency_key"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DecideSeveral"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DecidedSeveral"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    approve_request: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: components["parameters"]["idempotency_key"];
            };
            path: {
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["Comment"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Approval"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    decline_request: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: components["parameters"]["idempotency_key"];
            };
            path: {
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["Comment"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Approval"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    release_request: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: components["parameters"]["idempotency_key"];
            };
            path: {
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["Comment"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Approval"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    reveal_request: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Revealed"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    validate_policy: {
        parameters: {
            query?: {
                /** @description For a body in YAML; otherwise in the body: objects that the document does not name go */
                prune?: components["parameters"]["prune"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PolicyDocument"];
                "application/yaml": string;
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PolicyProposal"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    diff_policy: {
        parameters: {
            query?: {
                /** @description For a body in YAML; otherwise in the body: objects that the document does not name go */
                prune?: components["parameters"]["prune"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PolicyDocument"];
                "application/yaml": string;
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PolicyProposal"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    apply_policy: {
        parameters: {
            query?: {
                /** @description For a body in YAML; otherwise in the body */
                expected_version?: components["parameters"]["expected_version"];
                /** @description For a body in YAML; otherwise in the body */
                comment?: components["parameters"]["comment"];
                /** @description For a body in YAML; otherwise in the body: objects that the document does not name go */
                prune?: components["parameters"]["prune"];
            };
            header?: {
                "Idempotency-Key"?: components["parameters"]["idempotency_key"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PolicyApply"];
                "application/yaml": string;
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PolicyApplied"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    export_policy: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PolicyExport"];
                    "application/yaml": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    test_policy: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["PolicyTest"];
                "application/yaml": string;
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PolicyTestReport"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    explain_policy: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PolicyExplain"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PolicyExplanation"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    check_condition: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ConditionCheck"];
            };
        };
        responses: {
            /** @description OK; also when there are errors in it */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CheckedCondition"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_condition_language: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConditionLanguage"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    list_policy_versions: {
        parameters: {
            query?: {
                /** @description next_cursor of the page before */
                cursor?: components["parameters"]["cursor"];
                limit?: components["parameters"]["limit"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PolicyVersionList"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_policy_version: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                number: components["parameters"]["number"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PolicyVersion"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    rollback_policy: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: components["parameters"]["idempotency_key"];
            };
            path: {
                number: components["parameters"]["number"];
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["PolicyRollback"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PolicyApplied"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    replay_policy: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PolicyReplay"];
                "application/yaml": string;
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PolicyReplayReport"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    suggest_policy: {
        parameters: {
            query?: {
                /** @description So many days back */
                days?: components["parameters"]["days"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProposedPolicy"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    starter_policy: {
        parameters: {
            query?: {
                /** @description Of the server with this name or id */
                server?: components["parameters"]["server"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProposedPolicy"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_effective_policy: {
        parameters: {
            query?: {
                agent_name?: components["parameters"]["agent_name"];
                key_name?: components["parameters"]["key_name"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EffectivePolicy"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    list_secrets: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SecretList"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    set_secret: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: components["parameters"]["idempotency_key"];
            };
            path: {
                name: components["parameters"]["secret_name"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SecretValue"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SecretInfo"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    remove_secret: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: components["parameters"]["idempotency_key"];
            };
            path: {
                name: components["parameters"]["secret_name"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    list_notification_channels: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NotificationChannelList"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    create_notification_channel: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: components["parameters"]["idempotency_key"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewNotificationChannel"];
            };
        };
        responses: {
            /** @description OK */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NotificationChannelMade"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    remove_notification_channel: {
        parameters: {
            query?: never;
            header: {
                "If-Match": components["parameters"]["if_match"];
                "Idempotency-Key"?: components["parameters"]["idempotency_key"];
            };
            path: {
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    update_notification_channel: {
        parameters: {
            query?: never;
            header: {
                "If-Match": components["parameters"]["if_match"];
                "Idempotency-Key"?: components["parameters"]["idempotency_key"];
            };
            path: {
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NotificationChannelPatch"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NotificationChannel"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    test_notification_channel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NotificationTest"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_notification_settings: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NotificationSettings"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    set_notification_settings: {
        parameters: {
            query?: never;
            header: {
                "If-Match": components["parameters"]["if_match"];
                "Idempotency-Key"?: components["parameters"]["idempotency_key"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NotificationPreference"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NotificationSettings"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    test_notification: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NotificationTestOf"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NotificationTest"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    list_notification_deliveries: {
        parameters: {
            query?: {
                /** @description About this request only */
                approval?: components["parameters"]["approval"];
                /** @description next_cursor of the page before */
                cursor?: components["parameters"]["cursor"];
                limit?: components["parameters"]["limit"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NotificationDeliveryList"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    show_notification_link: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NotificationLinkToken"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NotificationLinkShown"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    decide_notification_link: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NotificationLinkDecision"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Approval"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    list_devices: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeviceList"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    add_device: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: components["parameters"]["idempotency_key"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewDevice"];
            };
        };
        responses: {
            /** @description OK */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Device"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    remove_device: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: components["parameters"]["idempotency_key"];
            };
            path: {
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    list_audit: {
        parameters: {
            query?: {
                /** @description next_cursor of the page before */
                cursor?: components["parameters"]["cursor"];
                limit?: components["parameters"]["limit"];
                /** @description Inclusive */
                from?: components["parameters"]["from"];
                /** @description Exclusive */
                until?: components["parameters"]["until"];
                /** @description Of this agent only */
                agent?: components["parameters"]["agent"];
                call?: components["parameters"]["call"];
                tool?: components["parameters"]["tool"];
                /** @description For instance call.decided */
                kind?: components["parameters"]["kind"];
                /** @description Kinds that begin with this; `calls`: everything about calls, their approvals included */
                group?: components["parameters"]["record_group"];
                /** @description Decisions on calls with this result */
                action?: components["parameters"]["record_action"];
                /** @description Calls that ended so */
                outcome?: components["parameters"]["record_outcome"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AuditList"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_call_story: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CallStory"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    export_audit: {
        parameters: {
            query?: {
                /** @description Inclusive */
                from?: components["parameters"]["from"];
                /** @description Exclusive */
                until?: components["parameters"]["until"];
                include?: components["parameters"]["include"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    list_heads: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HeadList"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
}
