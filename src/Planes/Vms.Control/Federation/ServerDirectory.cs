using System.Collections.Concurrent;
using System.Security.Cryptography;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Hosting;

namespace Vms.Control.Federation;

/// <summary>
/// The other installations, in memory with a connection to each: read at the start, within every change, and now and then for what another program changed.
/// Checks them twice a minute, all at once. While the database is away the last list stays. Any thread.
/// </summary>
internal sealed partial class ServerDirectory(
    NpgsqlDataSource database, NodeKey key, ServerAddresses addresses, FederationOptions options, TimeProvider time, ILogger<ServerDirectory> logger) : BackgroundService
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _reading = new(1, 1);
    private readonly ConcurrentDictionary<string, ServerState> _states = new(StringComparer.Ordinal);
    private volatile Peer[] _peers = [];

    /// <summary>By name.</summary>
    public IReadOnlyList<Peer> Peers => _peers;

    public ServerName Here => new(ServerRow.HereId, options.Name);

    public Peer? Find(string id) => _peers.FirstOrDefault(p => p.Row.Id == id);

    /// <summary>As of the last check.</summary>
    public ServerState StateOf(string id) => _states.GetValueOrDefault(id) ?? ServerState.Unchecked;

    /// <summary>What is not there in time is not waited for.</summary>
    public CancellationTokenSource Deadline() => new(options.Patience, time);

    /// <summary>A connection that is not in the list: its owner disposes it.</summary>
    /// <param name="apiKey">Null: as <see cref="ApiKeyOf"/> says.</param>
    public Peer Connect(ServerRow row, string? apiKey) => new(row, apiKey, addresses, time);

    public string Protect(string apiKey) => key.Protect(apiKey);

    /// <summary>Null for one that another installation has encrypted: its server is listed, and asked nothing.</summary>
    public string? ApiKeyOf(ServerRow row)
    {
        try
        {
            return key.Unprotect(row.ApiKeyProtected);
        }
        catch (Exception e) when (e is CryptographicException or FormatException)
        {
            Log.Unreadable(logger, row.Name);
            return null;
        }
    }

    /// <summary>Call after a commit: what was committed counts when this returns.</summary>
    public async Task RefreshAsync()
    {
        try
        {
            await ReadAsync(CancellationToken.None);
        }
        catch (Exception e) when (DatabaseOutage.Is(e))
        {
            Log.Later(logger, e.Message);
        }
    }

    /// <summary>Asks it who we are there, and what it is.</summary>
    public async Task<ServerState> CheckAsync(Peer peer, CancellationToken cancellationToken)
    {
        var state = await AskAsync(peer, cancellationToken);
        var before = _states.GetValueOrDefault(peer.Row.Id);
        _states[peer.Row.Id] = state;
        if (before?.State != state.State)
            Log.Changed(logger, peer.Row.Name, state.State, state.Detail);
        return state;
    }

    /// <summary>The same of a server that is not in the list yet.</summary>
    public async Task<ServerState> AskAsync(Peer peer, CancellationToken cancellationToken)
    {
        using var deadline = Deadline();
        var (who, what) = (
            peer.GetAsync<Me>("/api/auth/me", deadline.Token, cancellationToken), peer.GetAsync<HereView>("/api/servers/here", deadline.Token, cancellationToken));
        var me = await who;
        var here = await what;
        var now = time.GetUtcNow();
        if (!me.IsAnswered)
            return new ServerState(me.State == PeerStates.Refused ? ServerState.Refused : ServerState.Unreachable, now, null, null, me.Code, me.Detail);
        // Whoever may see the federated lists here looks through this key: it must not be good for more than looking.
        if ((me.Value!.Permissions ?? []).Except(s_reading, StringComparer.Ordinal).FirstOrDefault() is { } beyond)
            return new ServerState(ServerState.Refused, now, null, null, "apiKeyTooPowerful", $"The API key may do more than look ({beyond}): have {peer.Row.Name} issue one with the role viewer");
        return new ServerState(ServerState.Online, now, here.Value?.Version, here.Value?.Cameras, null, null);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var wait = s_interval;
            try
            {
                await ReadAsync(stoppingToken);
                await Task.WhenAll(_peers.Select(p => CheckAsync(p, stoppingToken)));
            }
            catch (Exception e) when (DatabaseOutage.Is(e))
            {
                wait = _peers.Length == 0 ? s_retry : s_interval;
            }

            await Task.Delay(wait, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public override void Dispose()
    {
        base.Dispose();
        foreach (var peer in _peers)
            peer.Dispose();
        _reading.Dispose();
    }

    private static readonly string[] s_reading = [Permissions.CamerasRead, Permissions.LiveView, Permissions.RecordingsRead, Permissions.EventsRead];

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        await _reading.WaitAsync(cancellationToken);
        try
        {
            await using var command = database.Command($"select {ServerRow.Columns} from control.server order by lower(name), id");
            var rows = await command.RowsAsync(ServerRow.Read, cancellationToken);
            var before = _peers.ToDictionary(p => p.Row.Id);
            var now = new List<Peer>();
            foreach (var row in rows)
            {
                if (before.TryGetValue(row.Id, out var known) && known.Row == row)
                {
                    now.Add(known);
                    before.Remove(row.Id);
                }
                else
                {
                    now.Add(Connect(row, ApiKeyOf(row)));
                }
            }

            _peers = [.. now];
            foreach (var gone in before.Values)
                gone.Dispose();
            foreach (var id in _states.Keys.Where(id => now.All(p => p.Row.Id != id)))
                _states.TryRemove(id, out _);
        }
        finally
        {
            _reading.Release();
        }
    }

    /// <summary>Of <c>GET /api/auth/me</c>, what is looked at.</summary>
    private sealed record Me(IReadOnlyList<string>? Permissions);

    private static partial class Log
    {
        [LoggerMessage(1290, LogLevel.Information, "Server {Name}: {State} ({Detail})")]
        public static partial void Changed(ILogger logger, string name, string state, string? detail);

        [LoggerMessage(1291, LogLevel.Error, "The API key of server {Name} was encrypted by another installation; give it a new one")]
        public static partial void Unreadable(ILogger logger, string name);

        [LoggerMessage(1292, LogLevel.Debug, "The list of servers is read again later ({Reason})")]
        public static partial void Later(ILogger logger, string reason);
    }
}

/// <summary>How another installation was when it was last asked.</summary>
/// <param name="State">online unreachable refused.</param>
internal sealed record ServerState(string State, DateTimeOffset? CheckedAt, string? Version, int? Cameras, string? Code, string? Detail)
{
    public const string Online = "online";
    public const string Unreachable = "unreachable";
    public const string Refused = "refused";

    public static ServerState Unchecked { get; } = new(Unreachable, null, null, null, "notCheckedYet", null);
}

/// <summary>An installation about itself.</summary>
/// <param name="Cameras">How many the caller sees.</param>
internal sealed record HereView(string Name, string Version, int Cameras);
