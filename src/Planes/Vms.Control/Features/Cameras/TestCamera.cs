using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Hosting;
using Vms.Onvif.Media;

namespace Vms.Control.Features.Cameras;

/// <summary>POST /api/cameras/test: is there a camera, are the credentials right, and what does it show? By ONVIF for a device, by RTSP for the address of a
/// stream. Nothing is stored; the password is tried once.</summary>
internal static class TestCamera
{
    /// <summary>All questions together.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    /// <summary>At a time, of all callers: each is connections to a device.</summary>
    private static readonly SemaphoreSlim s_room = new(8);

    /// <param name="Ip">Address or host name of a device; or MainUrl.</param>
    /// <param name="Port">Of its web server: 80 when absent; HTTPS on 443.</param>
    /// <param name="MainUrl">rtsp:// or rtsps:// of a stream; instead of Ip.</param>
    public sealed record Request(string? Ip, int? Port, string? MainUrl, string? Username, string? Password);

    /// <param name="Reachable">Always true: what cannot be reached is a problem document.</param>
    /// <param name="Device">Null for an address of a stream.</param>
    /// <param name="Picture">data:image/jpeg;base64,…; null when the device gives none.</param>
    /// <param name="Known">The camera that has this address already.</param>
    public sealed record Response(bool Reachable, TestedDevice? Device, IReadOnlyList<TestedStream> Streams, string? Picture, KnownView? Known);

    public sealed record TestedDevice(string Maker, string Model, string Firmware);

    /// <param name="Role">main or sub.</param>
    /// <param name="Codec">H264, H265, MJPEG, …</param>
    public sealed record TestedStream(string Role, string Codec, int Width, int Height, double? Fps);

    public sealed record KnownView(string CameraId, string Name);

    public static void Map(RouteGroupBuilder cameras) =>
        cameras.MapPost("/test", Handle).WithName(nameof(TestCamera)).WithSummary("Test the connection to a device or a stream, with a picture; nothing is stored.")
            .Needs(Permissions.DevicesDiscover).ProducesProblem(400).ProducesProblem(413).ProducesProblem(415).ProducesProblem(429);

    private static async Task<Results<Ok<Response>, ProblemHttpResult>> Handle(
        Request request, HttpContext context, NpgsqlDataSource database, CameraInspector inspector, StreamProbe probe, TimeProvider time, CancellationToken cancellationToken)
    {
        var problems = new List<FieldProblem>();
        var settings = Check(request, problems, out var credentials);
        if (problems.Count > 0)
            return Problems.Fields(problems);
        if (!await s_room.WaitAsync(TimeSpan.Zero, cancellationToken))
        {
            context.Response.Headers.RetryAfter = "2";
            return Problems.Of(StatusCodes.Status429TooManyRequests, "testsBusy", "As many devices are tested as may be at a time", "Try again in a moment.");
        }

        Response? tested;
        ProblemHttpResult? refused;
        string mainUrl;
        try
        {
            (tested, refused, mainUrl) = settings is null
                ? await DeviceAsync(request, inspector, cancellationToken)
                : await StreamAsync(settings, string.IsNullOrEmpty(request.Password) ? credentials?.Password : request.Password, probe, cancellationToken);
        }
        finally
        {
            s_room.Release();
        }

        // Also of the refused: a list of tries is how somebody who guesses is found.
        var caller = Caller.Of(context);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await AuditLog.AddAsync(
            connection, time.GetUtcNow(), Actor.Of(context), "camera.tested", SubjectOf(settings) ?? $"{request.Ip!.Trim()}:{request.Port ?? 80}",
            new { code = refused is null ? null : DeviceProblems.CodeOf(refused) }, cancellationToken);
        if (tested is null)
            return refused!;
        var known = await KnownCameras.FindAsync(connection, caller.TenantId, mainUrl, cancellationToken);
        return TypedResults.Ok(tested with { Known = known is not null && caller.Rights.Knows(known.Id) ? new KnownView(known.Id, known.Name) : null });
    }

    /// <summary>Where, and no more: a path or a query may hold a token.</summary>
    private static string? SubjectOf(CameraSettings? settings)
    {
        if (settings is null)
            return null;
        int end = settings.MainUrl.IndexOfAny(['/', '?', '#'], settings.MainUrl.IndexOf("://", StringComparison.Ordinal) + 3);
        return end < 0 ? settings.MainUrl : settings.MainUrl[..end];
    }

    /// <returns>Of the stream to test; null for a device.</returns>
    private static CameraSettings? Check(Request request, List<FieldProblem> problems, out CameraCredentials? credentials)
    {
        credentials = null;
        if (string.IsNullOrWhiteSpace(request.MainUrl))
        {
            DeviceAddress.Check(request.Ip, request.Port, request.Username, request.Password, problems);
            return null;
        }

        if (!string.IsNullOrWhiteSpace(request.Ip))
            problems.Add(new FieldProblem("ip", "invalidValue", "Use ip or mainUrl"));
        var settings = CameraRules.Check(
            new CameraRequest(Name: "test", MainUrl: request.MainUrl, Username: request.Username, Password: request.Password), out credentials, out var wrong);
        problems.AddRange(wrong);
        if (settings.MainUrl == CameraUrl.Push)
            problems.Add(new FieldProblem("mainUrl", "invalidUrl", "A camera that sends to this server cannot be asked"));
        return settings;
    }

    private static async Task<(Response?, ProblemHttpResult?, string MainUrl)> DeviceAsync(Request request, CameraInspector inspector, CancellationToken cancellationToken)
    {
        var (device, refused) = await inspector.AskAsync(request.Ip!, request.Port, request.Username, request.Password, s_patience, withPicture: true, cancellationToken);
        if (device is null)
            return (null, refused, "");
        var (information, choice) = (device.Device.Information, device.Camera.Choice);
        return (
            new Response(
                true, new TestedDevice(information.Manufacturer, information.Model, information.Firmware),
                [.. StreamOf("main", choice.Main), .. StreamOf("sub", choice.Sub)], device.Picture is { } jpeg ? ToDataUrl(jpeg) : null, null),
            null, device.Camera.Main.OriginalString);
    }

    private static async Task<(Response?, ProblemHttpResult?, string MainUrl)> StreamAsync(
        CameraSettings settings, string? password, StreamProbe probe, CancellationToken cancellationToken)
    {
        var (stream, refused) = await probe.AskAsync(settings, password, "main", s_patience, cancellationToken);
        if (stream is null)
            return (null, refused, "");
        var status = stream.Status;
        return (
            new Response(
                true, null, [new TestedStream("main", status.Codec, status.Width, status.Height, status.Fps > 0 ? status.Fps : null)],
                stream.Jpeg.IsEmpty ? null : ToDataUrl(stream.Jpeg.Span), null),
            null, settings.MainUrl);
    }

    private static IEnumerable<TestedStream> StreamOf(string role, MediaProfile? profile) =>
        profile?.Video is { } video ? [new TestedStream(role, video.Codec, video.Width, video.Height, video.FrameRate)] : [];

    private static string ToDataUrl(ReadOnlySpan<byte> jpeg) => "data:image/jpeg;base64," + Convert.ToBase64String(jpeg);
}
