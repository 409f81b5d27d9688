using Vms.Recorder.Archive;
using Vms.Recorder.Heads;
using Vms.Recorder.Playback;

namespace Vms.Recorder.Retention;

/// <summary>Where people's heads were is deleted when nothing is recorded of the time any more, as recordings are: oldest first, up to the first hour of which
/// something is.</summary>
internal sealed partial class HeadRetention(HeadStore heads, ArchiveIndex index, TimeProvider time, ILogger<HeadRetention> logger) : BackgroundService
{
    private static readonly TimeSpan s_interval = TimeSpan.FromHours(1);

    /// <summary>What is being recorded, or may yet begin with a pre-roll.</summary>
    private static readonly TimeSpan s_spared = TimeSpan.FromHours(2);

    internal async Task SweepAsync(CancellationToken cancellationToken)
    {
        foreach (string camera in heads.Cameras())
        {
            foreach (var hour in heads.HoursOf(camera).TakeWhile(h => h < time.GetUtcNow() - s_spared))
            {
                if (await IsRecordedAsync(camera, hour, cancellationToken)) break;
                heads.Delete(camera, hour);
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(s_interval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stoppingToken.IsCancellationRequested) return;
            try
            {
                await SweepAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is IndexUnavailableException or IOException or UnauthorizedAccessException)
            {
                Log.Later(logger, e.Message);
            }
        }
    }

    private async Task<bool> IsRecordedAsync(string camera, DateTimeOffset hour, CancellationToken cancellationToken)
    {
        foreach (string stream in PlaybackSegments.Streams)
        {
            if ((await index.FindSpansAsync(camera, stream, hour, hour.AddHours(1), apart: false, cancellationToken)).Count > 0) return true;
        }

        return false;
    }

    private static partial class Log
    {
        [LoggerMessage(3521, LogLevel.Information, "Where people were is not deleted with its recordings yet: {Reason}; it is tried again in an hour")]
        public static partial void Later(ILogger logger, string reason);
    }
}
