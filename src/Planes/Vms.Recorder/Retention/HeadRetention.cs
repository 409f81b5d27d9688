using System.Globalization;
using Vms.Recorder.Archive;
using Vms.Recorder.Heads;
using Vms.Recorder.Playback;

namespace Vms.Recorder.Retention;

/// <summary>Where people's heads were is deleted when nothing is recorded of the hour any more. What is kept for longer in between keeps its own hours alone.</summary>
internal sealed partial class HeadRetention(HeadStore heads, ArchiveIndex index, ArchiveLayout layout, TimeProvider time, ILogger<HeadRetention> logger) : BackgroundService
{
    private static readonly TimeSpan s_interval = TimeSpan.FromHours(1);

    /// <summary>What is being recorded, or may yet begin with a pre-roll.</summary>
    private static readonly TimeSpan s_spared = TimeSpan.FromHours(2);

    internal async Task SweepAsync(CancellationToken cancellationToken)
    {
        if (layout.Roots.Any(r => !r.IsThere)) return;     // nobody knows what is recorded there
        foreach (string camera in heads.Cameras())
        {
            var hours = heads.HoursOf(camera).TakeWhile(h => h < time.GetUtcNow() - s_spared).ToList();
            if (hours.Count == 0) continue;
            var recorded = await RecordedHoursAsync(camera, hours[0], hours[^1].AddHours(1), cancellationToken);
            var days = recorded.Select(DayOf).ToHashSet(StringComparer.Ordinal);
            // An index that is being built anew does not know of each day yet; the folders do.
            var unknown = PlaybackSegments.Streams.SelectMany(stream => layout.Days(camera, stream)).Select(d => Path.GetFileName(d)).Except(days).ToHashSet(StringComparer.Ordinal);
            foreach (var hour in hours.Where(h => !recorded.Contains(h) && !unknown.Contains(DayOf(h))))
                heads.Delete(camera, hour);
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

    private async Task<HashSet<DateTimeOffset>> RecordedHoursAsync(string camera, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        var hours = new HashSet<DateTimeOffset>();
        foreach (string stream in PlaybackSegments.Streams)
        {
            foreach (var span in await index.FindSpansAsync(camera, stream, from, to, apart: false, cancellationToken))
            {
                for (var hour = HeadStore.HourOf(span.From); hour < span.To; hour = hour.AddHours(1))
                    hours.Add(hour);
            }
        }

        return hours;
    }

    private static string DayOf(DateTimeOffset at) => at.UtcDateTime.ToString(ArchiveLayout.DayFormat, CultureInfo.InvariantCulture);

    private static partial class Log
    {
        [LoggerMessage(3521, LogLevel.Information, "Where people were is not deleted with its recordings yet: {Reason}; it is tried again in an hour")]
        public static partial void Later(ILogger logger, string reason);
    }
}
