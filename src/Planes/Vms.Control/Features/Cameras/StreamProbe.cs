using Microsoft.AspNetCore.Http.HttpResults;
using Vms.Contracts.Media;
using Vms.Hosting;
using Vms.Rpc;

namespace Vms.Control.Features.Cameras;

/// <summary>Has the media plane pull a stream for some seconds, to see whether it comes. The password is tried once. Any thread.</summary>
internal sealed class StreamProbe(PlaneOptions options, CameraAddresses addresses, TimeProvider time) : IDisposable
{
    /// <summary>Pixels; a tile's worth.</summary>
    private const int PictureWidth = 640;

    /// <summary>For the plane to stop pulling and to make the picture.</summary>
    private static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(5);

    private readonly RpcChannel _media = new(new Uri("unix://" + options.SocketOf("media", "rpc")), time);

    /// <param name="settings">Checked; where it is and how it is reached.</param>
    /// <param name="stream">main or sub.</param>
    /// <returns>What came, or why nothing did.</returns>
    public async Task<(ProbedStream? Stream, ProblemHttpResult? Problem)> AskAsync(
        CameraSettings settings, string? password, string stream, TimeSpan patience, CancellationToken cancellationToken)
    {
        if (await CameraTargets.RefusedAsync(settings, before: null, addresses, cancellationToken) is { Count: > 0 } elsewhere)
            return (null, Problems.Fields(elsewhere));
        var request = new ProbeStreamRequest
        {
            Spec = new PipelineSpec
            {
                Stream = stream,
                Url = stream == "sub" ? settings.SubUrl : settings.MainUrl,
                Username = settings.Username ?? "",
                Password = password ?? "",
                AllowBasicInClear = settings.AllowBasicInClear,
                TlsCertificateSha256 = settings.TlsCertificateSha256 ?? "",
            },
            MaxWidth = PictureWidth,
            PatienceMs = (int)patience.TotalMilliseconds,
        };
        try
        {
            var probed = await _media.UnaryAsync(
                "vms.media.v1.MediaPlane/ProbeStream", request, ProbedStream.Parser, patience + s_farewell, cancellationToken);
            return ProblemOf(probed.Status) is { } problem ? (null, problem) : (probed, null);
        }
        catch (RpcException e) when (e.Status == RpcStatus.ResourceExhausted)
        {
            return (null, Problems.Of(StatusCodes.Status503ServiceUnavailable, "probesBusy", "As many streams are looked at as may be at a time", e.Detail));
        }
        catch (RpcException)
        {
            return (null, Problems.Of(
                StatusCodes.Status503ServiceUnavailable, "planeUnavailable", "The media plane is not available", "It restarts by itself. Try again in a moment."));
        }
    }

    public void Dispose() => _media.Dispose();

    private static ProblemHttpResult? ProblemOf(PipelineStatus status) => (status.State, status.Reason) switch
    {
        ("online", _) => null,
        ("unauthorized", _) => DeviceProblems.BadCredentials(status.Detail),
        ("unsupported", _) => Problems.Of(StatusCodes.Status400BadRequest, "unsupportedCodec", "The stream has no picture that this server can record", status.Detail),
        (_, "noSuchPath") => Problems.Of(StatusCodes.Status400BadRequest, "noSuchPath", "The device has no such stream", status.Detail),
        (_, "unreachable" or "timeout" or "badCertificate") => DeviceProblems.Unreachable(status.Detail),
        _ => Problems.Of(StatusCodes.Status400BadRequest, "noVideo", "The device sends no picture", status.Detail.Length > 0 ? status.Detail : "It answers, and no picture came in time."),
    };
}
