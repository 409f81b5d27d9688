using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.FrontDoor;
using Vms.Hosting;

namespace Vms.Control.Integrations;

/// <summary>What came of a command.</summary>
/// <param name="Status">As the API answers; 0: it was not asked.</param>
/// <param name="Picture">JPEG, of a snapshot.</param>
internal sealed record CommandResult(bool Done, int Status, string? Code, string? Detail, byte[]? Picture = null);

/// <summary>
/// Has commands of other programs done on behalf of a user. They go through the API like the user's own: the same rights, checks, limits and audit, and nothing
/// that could not be done there. Any thread.
/// </summary>
internal sealed partial class CommandRunner : IDisposable
{
    private const int MaxPictureBytes = 8 << 20;
    private const int MaxPresetLength = 64;

    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(15);

    private readonly HttpClient _api;
    private readonly RightsState _rights;
    private readonly AccessTokens _tokens;
    private readonly NpgsqlDataSource _database;
    private readonly TimeProvider _time;
    private readonly ILogger<CommandRunner> _logger;

    public CommandRunner(PlaneOptions options, RightsState rights, AccessTokens tokens, NpgsqlDataSource database, TimeProvider time, ILogger<CommandRunner> logger)
    {
        (_rights, _tokens, _database, _time, _logger) = (rights, tokens, database, time, logger);
        _api = LocalHttp.Client(options.SocketOf("control", "http"));
        _api.Timeout = Timeout.InfiniteTimeSpan;
        _api.MaxResponseContentBufferSize = MaxPictureBytes;
    }

    public async Task<CommandResult> DoAsync(string userId, string cameraId, string command, byte[] payload, CancellationToken cancellationToken)
    {
        if (!Guid.TryParse(userId, out var id) || _rights.Current?.Find(id) is not { Enabled: true, IsApiKey: false } user)
            return new CommandResult(false, 0, "userNotFound", "The user whose rights commands have is gone or switched off");
        CommandResult result;
        try
        {
            using var request = RequestOf(cameraId, command, payload);
            if (request is null)
                return new CommandResult(false, 0, "unknownCommand", "Use record, snapshot, ptz or arm, with what the guide says");
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _tokens.Issue(new SignedIn(user.Id, user.TenantId, user.Name, Guid.NewGuid())));
            using var deadline = new CancellationTokenSource(s_deadline, _time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
            result = await AskAsync(request, either.Token);
        }
        catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            result = new CommandResult(false, 0, "noAnswer", "It was not answered in time, or more than a picture came");
        }

        Log.Done(_logger, command, cameraId, user.Name, result.Status, result.Code);
        await NoteAsync(user, cameraId, command, result, cancellationToken);
        return result;
    }

    public void Dispose() => _api.Dispose();

    private async Task<CommandResult> AskAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var response = await _api.SendAsync(request, cancellationToken);
        var bytes = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        var status = (int)response.StatusCode;
        if (response.IsSuccessStatusCode)
            return new CommandResult(true, status, null, null, response.Content.Headers.ContentType?.MediaType == "image/jpeg" ? bytes : null);
        try
        {
            var problem = JsonSerializer.Deserialize<Problem>(bytes, JsonSerializerOptions.Web);
            return new CommandResult(false, status, problem?.Code, problem?.Detail ?? problem?.Title);
        }
        catch (JsonException)
        {
            return new CommandResult(false, status, null, null);
        }
    }

    /// <summary>Null for what is no command.</summary>
    private static HttpRequestMessage? RequestOf(string cameraId, string command, byte[] payload)
    {
        var camera = "/api/cameras/" + Uri.EscapeDataString(cameraId);
        var word = Encoding.UTF8.GetString(payload).Trim();
        var asked = Asked.Read(word);
        return command switch
        {
            "record" when word is "stop" or "OFF" => new HttpRequestMessage(HttpMethod.Delete, camera + "/record"),
            "record" => Json(HttpMethod.Post, camera + "/record", new { reason = asked.Reason ?? "MQTT", seconds = asked.Seconds }),
            "snapshot" => new HttpRequestMessage(HttpMethod.Get, camera + "/snapshot.jpg" + (asked.Width is { } width ? string.Create(CultureInfo.InvariantCulture, $"?width={width}") : "")),
            "ptz" when asked.Home == true || word == "home" => new HttpRequestMessage(HttpMethod.Post, camera + "/ptz/home"),
            "ptz" when asked.Preset is { Length: > 0 and <= MaxPresetLength } preset =>
                new HttpRequestMessage(HttpMethod.Post, $"{camera}/ptz/presets/{Uri.EscapeDataString(preset)}/go"),
            "arm" when word is "ON" or "OFF" => Json(HttpMethod.Patch, camera, new { analytics = new { enabled = word == "ON" } }),
            _ => null,
        };
    }

    private static HttpRequestMessage Json(HttpMethod method, string path, object body) => new(method, path) { Content = JsonContent.Create(body) };

    /// <summary>Beside what the operation itself notes: that it came from a program.</summary>
    private async Task NoteAsync(Principal user, string cameraId, string command, CommandResult result, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await _database.OpenConnectionAsync(cancellationToken);
            await AuditLog.AddAsync(
                connection, _time.GetUtcNow(), new Actor(user.TenantId, user.Name, null), "mqtt.command", cameraId, new { command, result.Status, result.Code }, cancellationToken,
                result.Done ? AuditLog.Done : AuditLog.Refused);
        }
        catch (Exception e) when (DatabaseOutage.Is(e))
        {
            Log.NotKept(_logger, command, cameraId, e.Message);
        }
    }

    /// <summary>What a command's payload may say; anything else in it counts for nothing.</summary>
    private sealed record Asked(string? Reason, int? Seconds, int? Width, string? Preset, bool? Home)
    {
        public static Asked Read(string text)
        {
            try
            {
                return text.StartsWith('{') ? JsonSerializer.Deserialize<Asked>(text, JsonSerializerOptions.Web)! : new Asked(null, null, null, null, null);
            }
            catch (JsonException)
            {
                return new Asked(null, null, null, null, null);
            }
        }
    }

    private sealed record Problem(string? Code, string? Title, string? Detail);

    private static partial class Log
    {
        [LoggerMessage(1620, LogLevel.Information, "Command {Command} for camera {CameraId} on behalf of {User}: {Status} {Code}")]
        public static partial void Done(ILogger logger, string command, string cameraId, string user, int status, string? code);

        [LoggerMessage(1621, LogLevel.Warning, "Command {Command} for camera {CameraId} is not in the audit log, the database is away ({Reason})")]
        public static partial void NotKept(ILogger logger, string command, string cameraId, string reason);
    }
}
