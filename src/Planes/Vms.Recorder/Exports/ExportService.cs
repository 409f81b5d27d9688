using Vms.Contracts.Recorder;
using Vms.Recorder.Archive;
using Vms.Recorder.Recordings;
using Vms.Rpc;

namespace Vms.Recorder.Exports;

/// <summary>What control asks for exports: contracts/recorder.proto.</summary>
internal sealed class ExportService(ExportQueue exports)
{
    private const int MaxCameras = 64;

    public static void Map(WebApplication app)
    {
        var service = app.Services.GetRequiredService<ExportService>();
        app.MapUnary($"{RecorderPlaneService.Service}/StartExport", ExportSpec.Parser, service.StartAsync);
        app.MapUnary($"{RecorderPlaneService.Service}/DeleteExport", DeleteExportRequest.Parser, service.DeleteAsync);
    }

    private async Task<ExportStatus> StartAsync(ExportSpec spec, RpcContext context)
    {
        CheckId(spec.Id);
        if (spec.Cameras.Any(c => !ArchiveLayout.IsSafeName(c.Id))) throw Invalid("cameras.id must be 1 to 64 letters, digits, '-' or '_'");
        if (spec.Cameras.Count is 0 or > MaxCameras) throw Invalid($"1 to {MaxCameras} cameras");
        if (spec.ToUnixMs <= spec.FromUnixMs) throw Invalid("to_unix_ms must be behind from_unix_ms");
        if (spec.Format is not (ExportFormats.Mp4 or ExportFormats.Matroska)) throw Invalid($"format '{spec.Format}'; expected {ExportFormats.Mp4} or {ExportFormats.Matroska}");
        if (spec.BurnIn is { } burnIn && BurnIn.ProblemWith(burnIn) is { } problem) throw Invalid(problem);
        try
        {
            return await Task.Run(() => exports.Start(spec));
        }
        catch (ExportRefusedException e)
        {
            throw new RpcException(RpcStatus.ResourceExhausted, e.Message);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RpcException(RpcStatus.Unavailable, $"the folder of exports cannot be written to: {e.Message}");
        }
    }

    private async Task<DeleteExportReply> DeleteAsync(DeleteExportRequest request, RpcContext context)
    {
        CheckId(request.Id);
        try
        {
            await exports.DeleteAsync(request.Id);
            return new DeleteExportReply();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RpcException(RpcStatus.Unavailable, $"files of the export cannot be removed: {e.Message}");
        }
    }

    private static void CheckId(string id)
    {
        if (!ExportFolder.IsId(id)) throw Invalid("id must be 32 hexadecimal digits, as in an export's address");
    }

    private static RpcException Invalid(string why) => new(RpcStatus.InvalidArgument, why);
}
