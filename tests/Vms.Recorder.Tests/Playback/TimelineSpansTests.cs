using Vms.Codecs;
using Vms.Recorder.Archive;
using Vms.Recorder.Playback;

namespace Vms.Recorder.Tests.Playback;

public sealed class TimelineSpansTests
{
    private static readonly DateTimeOffset s_begin = new(2026, 11, 29, 10, 0, 0, TimeSpan.Zero);

    [Fact]
    public void What_is_left_of_a_gap_outside_of_what_is_asked_for_is_not_shown()
    {
        // Filled a little beyond the range: only behind it is something missing.
        var joined = TimelineSpans.Join([Gap(5, 8), Gap(12.02, 20)], At(0), At(12), TimeSpan.Zero);
        Assert.Equal([(At(5), At(8))], joined.Select(g => (g.From, g.To)));
        Assert.Equal([(At(5), At(8))], TimelineSpans.Join([Gap(-3, 0), Gap(5, 8)], At(0), At(12), TimeSpan.Zero).Select(g => (g.From, g.To)));
    }

    private static DateTimeOffset At(double seconds) => s_begin.AddSeconds(seconds);

    private static GapRow Gap(double from, double to) => new(Guid.NewGuid(), "c", "main", At(from), At(to), GapCause.CameraOffline, Open: false, 1);
}
