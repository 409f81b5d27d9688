using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Npgsql;
using Vms.Control.Auth;
using Vms.Hosting;
using Vms.Testing;
using Vms.Testing.Servers;

namespace Vms.Control.Tests.Support;

/// <summary>The real control plane on its own port, data directory and database. Planes are absent unless a test starts fakes.</summary>
internal sealed class ControlWorld : IAsyncDisposable
{
    public const string AdminPassword = "correct horse battery";

    private readonly WebApplication _app;

    private ControlWorld(WebApplication app, TestDirectory directory, TestLog log, string connectionString)
    {
        _app = app;
        Directory = directory;
        Log = log;
        ConnectionString = connectionString;
        Options = app.Services.GetRequiredService<PlaneOptions>();
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        Address = new Uri(addresses.Select(a => a.Replace("//0.0.0.0:", "//127.0.0.1:", StringComparison.Ordinal)).Single(a => a.StartsWith("http://127.", StringComparison.Ordinal)));
        Http = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = Address };
        Database = NpgsqlDataSource.Create(connectionString + ";Maximum Pool Size=2");
    }

    public TestDirectory Directory { get; }

    public TestLog Log { get; }

    public Uri Address { get; }

    /// <summary>Signed in as the administrator after <see cref="StartAsync"/> unless that was told otherwise.</summary>
    public HttpClient Http { get; }

    public NpgsqlDataSource Database { get; }

    public string ConnectionString { get; }

    public PlaneOptions Options { get; }

    public IServiceProvider Services => _app.Services;

    public static async Task<ControlWorld> StartAsync(WorldSettings? settings = null)
    {
        settings ??= new WorldSettings();
        var directory = settings.Directory ?? new TestDirectory();
        var postgres = settings.Postgres ?? await (await PrivatePostgres.SharedAsync()).CreateDatabaseAsync();
        var log = new TestLog();
        string[] args =
        [
            $"--VMS_DATA={directory["data"]}", $"--VMS_RUN_DIR={directory["run"]}", "--VMS_HTTP_PORT=0", $"--VMS_POSTGRES={postgres}",
            $"--VMS_NATS={settings.Nats}", $"--VMS_MEDIA_PORT={settings.MediaPort}", $"--VMS_PLAYBACK_PORT={settings.PlaybackPort}",
            $"--VMS_WEB_DIR={directory["web"]}",
            "--VMS_RATE_WRITES=0", "--VMS_RATE_STREAMS=0",      // a test does in a second what people do in an hour
            .. settings.AdminPassword is null ? Array.Empty<string>() : [$"--VMS_ADMIN_PASSWORD={settings.AdminPassword}"],
            .. settings.Arguments,
        ];
        var app = ControlApp.Build(args, services =>
        {
            services.RemoveAll<ILoggerProvider>();
            services.AddSingleton<ILoggerProvider>(log);
            if (settings.Time is not null)
                services.AddSingleton(settings.Time);
            settings.Adjust(services);
        });
        try
        {
            await app.StartAsync();
        }
        catch (Exception e)
        {
            throw new InvalidOperationException("control did not start:\n" + log.Text, e);
        }

        var world = new ControlWorld(app, directory, log, postgres);
        if (settings.AdminPassword is not null && settings.WaitUntilReady)
        {
            await log.WaitForAsync("Created the administrator", "there is an administrator");
            world.Http.DefaultRequestHeaders.Authorization = world.BearerOf("admin", Role.Admin);
        }

        return world;
    }

    /// <summary>A token of an account with the role for its whole tenant, without the login (which hashes a password, on purpose slowly); SessionTests log
    /// in. The account is added when there is none of that name.</summary>
    public AuthenticationHeaderValue BearerOf(string username, string role) => BearerOf(username, (role, "tenant", null));

    /// <summary>As above, with these grants of roles, whatever the account had.</summary>
    public AuthenticationHeaderValue BearerOf(string username, params (string Role, string Scope, string? ScopeId)[] grants) =>
        BearerOf("default", username, grants);

    public AuthenticationHeaderValue BearerOf(string tenant, string username, params (string Role, string Scope, string? ScopeId)[] grants)
    {
        Guid id;
        using (var account = Database.CreateCommand("""
            insert into control.account (id, tenant_id, username, username_key, password_hash, created_at) values ($1, $2, $3, lower($3), '', now())
            on conflict (username_key) do update set username = excluded.username returning id
            """))
        {
            account.Parameters.AddWithValue(Guid.CreateVersion7());
            account.Parameters.AddWithValue(tenant);
            account.Parameters.AddWithValue(username);
            id = (Guid)account.ExecuteScalar()!;
        }

        using (var clear = Database.CreateCommand("delete from control.role_grant where account_id = $1"))
        {
            clear.Parameters.AddWithValue(id);
            clear.ExecuteNonQuery();
        }

        foreach (var (role, scope, scopeId) in grants)
        {
            using var grant = Database.CreateCommand(
                "insert into control.role_grant (tenant_id, account_id, role_id, scope, scope_id) values ($1, $2, $3, $4, $5)");
            grant.Parameters.AddWithValue(tenant);
            grant.Parameters.AddWithValue(id);
            grant.Parameters.AddWithValue(role);
            grant.Parameters.AddWithValue(scope);
            grant.Parameters.AddWithValue((object?)scopeId ?? DBNull.Value);
            grant.ExecuteNonQuery();
        }

        RefreshRights();
        return new("Bearer", Services.GetRequiredService<AccessTokens>().Issue(new SignedIn(id, tenant, username, Guid.NewGuid())));
    }

    /// <summary>What a test wrote into the database about people counts from now on.</summary>
    public void RefreshRights() => Services.GetRequiredService<RightsState>().RefreshAsync().GetAwaiter().GetResult();

    /// <summary>Signs <see cref="Http"/> in.</summary>
    public async Task SignInAsync(string username = "admin", string password = AdminPassword) =>
        Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (await LoginAsync(username, password)).AccessToken);

    public async Task<Tokens> LoginAsync(string username = "admin", string password = AdminPassword)
    {
        using var response = await Http.PostAsJsonAsync("/api/auth/login", new { username, password });
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync<Tokens>())!;
    }

    /// <summary>A client without any credential.</summary>
    public HttpClient Anonymous() => new(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = Address };

    /// <summary>A client signed in with the role.</summary>
    public HttpClient AsRole(string role)
    {
        var client = Anonymous();
        client.DefaultRequestHeaders.Authorization = BearerOf("some-" + role, role);
        return client;
    }

    /// <summary>A client signed in with these grants of roles alone.</summary>
    public HttpClient As(string username, params (string Role, string Scope, string? ScopeId)[] grants)
    {
        var client = Anonymous();
        client.DefaultRequestHeaders.Authorization = BearerOf(username, grants);
        return client;
    }

    /// <summary>Adds a camera and returns its view.</summary>
    public async Task<JsonElement> AddCameraAsync(string name, object? more = null)
    {
        var body = JsonSerializer.SerializeToNode(more ?? new { })!.AsObject();
        body["name"] = name;
        body["mainUrl"] ??= "rtsp://10.0.0.7/main";
        using var response = await Http.PostAsJsonAsync("/api/cameras", body);
        return (await response.JsonAsync(201)).Clone();
    }

    public async Task<object?> ScalarAsync(string sql)
    {
        await using var command = Database.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }

    /// <summary>Behind control's back.</summary>
    public async Task ExecuteAsync(string sql)
    {
        await using var command = Database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Ends the process in order but keeps directory and database.</summary>
    public async Task StopAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        Http.Dispose();
        await Database.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Dispose();
    }
}

internal sealed record Tokens(string AccessToken, string RefreshToken, int ExpiresIn);

internal sealed record WorldSettings
{
    /// <summary>Null: no administrator, the setup link is printed.</summary>
    public string? AdminPassword { get; init; } = ControlWorld.AdminPassword;

    public bool WaitUntilReady { get; init; } = true;

    public string? Postgres { get; init; }

    /// <summary>Nobody listens there unless a test starts a server.</summary>
    public string Nats { get; init; } = "nats://127.0.0.1:1";

    public int MediaPort { get; init; } = 8081;

    public int PlaybackPort { get; init; } = 8082;

    public TimeProvider? Time { get; init; }

    public TestDirectory? Directory { get; init; }

    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Registered last, so that it counts.</summary>
    public Action<IServiceCollection> Adjust { get; init; } = static _ => { };
}
