using Vms.Onvif.Events;

namespace Vms.Media.Metadata;

/// <summary>
/// What one camera says of its scene, as events with a beginning and an end. Several rules that see the same kind of thing make one event: it begins
/// with the first and ends with the last. One caller at a time.
/// </summary>
/// <remarks>
/// A camera may lose the word that something is over, or never say it. A topic that was heard to say so before is believed for
/// <see cref="Longest"/>, any other for <see cref="Unconfirmed"/> after it last said that something goes on.
/// </remarks>
internal sealed class CameraReports(string cameraId)
{
    /// <summary>What goes on is said again so often; whoever hears nothing for three times as long takes it for over.</summary>
    public static readonly TimeSpan Renewal = TimeSpan.FromSeconds(20);

    public static readonly TimeSpan Unconfirmed = TimeSpan.FromSeconds(60);

    public static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    /// <summary>Events that may begin within a minute; a camera with more is not worth the others' events.</summary>
    public const int MaxPerMinute = 120;

    /// <summary>Sources that are active at a time, and topics that are remembered.</summary>
    private const int MaxSources = 64;

    private readonly Dictionary<(string Topic, string Source), Active> _active = [];
    private readonly Dictionary<string, Ongoing> _ongoing = [];     // by type of event
    private readonly HashSet<string> _saysOver = [];                // topics that were heard to end something
    private TimeSpan _minuteStart;
    private int _begun;                                             // in this minute

    /// <summary>Events that were not told because there were too many.</summary>
    public long Refused { get; private set; }

    /// <param name="at">When the camera said so.</param>
    /// <param name="now">Monotonic.</param>
    /// <param name="reports">What is to be told is added.</param>
    public void Take(Notification notification, DateTimeOffset at, TimeSpan now, ICollection<CameraReport> reports)
    {
        if (EventMeaning.Of(notification) is not { } meaning)
            return;

        var source = (notification.Topic, notification.Source);
        if (meaning.State is false)
        {
            if (_saysOver.Count < MaxSources)
                _saysOver.Add(notification.Topic);
            if (_active.Remove(source, out var over))
                EndUnlessOthers(over.Type, at, reports);
        }
        else if (meaning.State is null)
        {
            if (MayBegin(now))
                reports.Add(CameraReport.Of(cameraId, meaning, notification, at));
        }
        else if (_active.ContainsKey(source) || _active.Count < MaxSources)
        {
            if (!_ongoing.ContainsKey(meaning.Type))
            {
                if (!MayBegin(now))
                    return;
                var report = CameraReport.Of(cameraId, meaning, notification, at);
                _ongoing[meaning.Type] = new(report, now);
                reports.Add(report);
            }

            _active[source] = new(meaning.Type, now);
        }
    }

    /// <summary>Lets time pass: what goes on is said again, and what nobody ends is over.</summary>
    public void Tick(DateTimeOffset at, TimeSpan now, ICollection<CameraReport> reports)
    {
        foreach (var ((topic, source), active) in _active)
        {
            if (now - active.SaidAt >= (_saysOver.Contains(topic) ? Longest : Unconfirmed))
            {
                _active.Remove((topic, source));
                EndUnlessOthers(active.Type, at, reports);
            }
        }

        foreach (var ongoing in _ongoing.Values)
        {
            if (now - ongoing.ToldAt >= Renewal)
            {
                ongoing.ToldAt = now;
                reports.Add(ongoing.Report);
            }
        }
    }

    /// <summary>The camera is gone: nothing is known to go on.</summary>
    public void EndAll(DateTimeOffset at, ICollection<CameraReport> reports)
    {
        _active.Clear();
        foreach (string type in _ongoing.Keys)
            EndUnlessOthers(type, at, reports);
    }

    private void EndUnlessOthers(string type, DateTimeOffset at, ICollection<CameraReport> reports)
    {
        foreach (var active in _active.Values)
        {
            if (active.Type == type)
                return;
        }

        if (_ongoing.Remove(type, out var ongoing))
            reports.Add(ongoing.Report with { Ongoing = false, EndAt = at > ongoing.Report.At ? at : ongoing.Report.At });
    }

    private bool MayBegin(TimeSpan now)
    {
        if (now - _minuteStart >= TimeSpan.FromMinutes(1))
            (_minuteStart, _begun) = (now, 0);
        if (_begun == MaxPerMinute)
        {
            Refused++;
            return false;
        }

        _begun++;
        return true;
    }

    private sealed record Active(string Type, TimeSpan SaidAt);

    private sealed class Ongoing(CameraReport report, TimeSpan toldAt)
    {
        public CameraReport Report => report;

        public TimeSpan ToldAt { get; set; } = toldAt;
    }
}
