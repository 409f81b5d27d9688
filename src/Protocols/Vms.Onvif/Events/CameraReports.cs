namespace Vms.Onvif.Events;

/// <summary>
/// What one camera says of its scene, as events with a beginning and an end. Several rules that see the same kind of thing make one event: it begins
/// with the first and ends with the last. One caller at a time.
/// </summary>
/// <remarks>
/// A camera may lose the word that something is over, or never say it. A topic that was heard to say so before is believed for
/// <see cref="Longest"/>, any other for <see cref="Unconfirmed"/> after it last said that something goes on. Whatever is ongoing has a source that is
/// active, so that this holds for all of it.
/// </remarks>
public sealed class CameraReports(string cameraId)
{
    /// <summary>What goes on is said again so often; whoever hears nothing for three times as long takes it for over.</summary>
    public static readonly TimeSpan Renewal = TimeSpan.FromSeconds(20);

    public static readonly TimeSpan Unconfirmed = TimeSpan.FromSeconds(60);

    public static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    /// <summary>Events that may begin within a minute; a camera with more is not worth the others' events.</summary>
    public const int MaxPerMinute = 120;

    /// <summary>Sources that are active at a time, and topics that are remembered. When there are more, the topic with the most gives up its oldest.</summary>
    public const int MaxSources = 64;

    private static readonly SimpleItem s_over = new("State", "false");

    private readonly Dictionary<Source, TimeSpan> _active = [];     // with when it was said last
    private readonly Dictionary<string, Ongoing> _ongoing = [];     // by type of event
    private readonly HashSet<string> _saysOver = [];                // topics that were heard to end something
    private TimeSpan _minuteStart;
    private int _begun;                                             // in this minute

    /// <summary>Others look at the picture: what the camera's own analysis says is left out.</summary>
    public bool LeavesAnalysis { get; set; }

    /// <summary>Events that were not told, and sources that were given up, because there were too many.</summary>
    public long Refused { get; private set; }

    /// <param name="at">When the camera said so.</param>
    /// <param name="now">Monotonic.</param>
    /// <param name="reports">What is to be told is added.</param>
    public void Take(Notification notification, DateTimeOffset at, TimeSpan now, ICollection<CameraReport> reports)
    {
        if (EventMeaning.Of(notification) is not { } meaning || (LeavesAnalysis && meaning.IsOfAnalysis))
            return;

        if (meaning.State is null)
        {
            if (MayBegin(now))
                reports.Add(CameraReport.Of(cameraId, meaning, notification, at));
            return;
        }

        if (meaning.State is false && _saysOver.Count < MaxSources)
            _saysOver.Add(notification.Topic);
        // One source may tell of several types, each with a state of its own: a person is gone, and a vehicle is there.
        foreach (var source in _active.Keys)
        {
            if (source.Topic == notification.Topic && source.Name == notification.Source && IsOver(source.Type, notification, meaning))
                End(source, at, reports);
        }

        if (meaning.State is true)
            GoesOn(meaning, notification, at, now, reports);
    }

    /// <summary>Lets time pass: what goes on is said again, and what nobody ends is over.</summary>
    public void Tick(DateTimeOffset at, TimeSpan now, ICollection<CameraReport> reports)
    {
        foreach (var (source, saidAt) in _active)
        {
            if (now - saidAt >= (_saysOver.Contains(source.Topic) ? Longest : Unconfirmed))
                End(source, at, reports);
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

    /// <summary>A state that names no type is over for all that its source told.</summary>
    private static bool IsOver(string type, Notification notification, EventMeaning meaning)
    {
        if (notification.Operation == PropertyOperation.Deleted)
            return true;
        if (meaning.State is true && meaning.Type == type)
            return false;

        string? unnamed = meaning.State is false ? EventMeaning.Of(notification with { Data = [s_over] })?.Type : null;
        return notification.Data.Any(item =>
            EventMeaning.Of(notification with { Data = [item] }) is { State: false } over && (over.Type == type || over.Type == unnamed));
    }

    private void GoesOn(EventMeaning meaning, Notification notification, DateTimeOffset at, TimeSpan now, ICollection<CameraReport> reports)
    {
        if (!_ongoing.ContainsKey(meaning.Type))
        {
            if (!MayBegin(now))
                return;
            var report = CameraReport.Of(cameraId, meaning, notification, at);
            _ongoing[meaning.Type] = new(report, now);
            reports.Add(report);
        }

        var source = new Source(notification.Topic, notification.Source, meaning.Type);
        _active[source] = now;
        if (_active.Count <= MaxSources)
            return;

        // A detector that loses its objects, each of them a source, does not take the others' room.
        Refused++;
        End(_active.Keys.Where(s => s != source).GroupBy(s => s.Topic).MaxBy(t => t.Count())!.MinBy(s => _active[s]), at, reports);
    }

    private void End(in Source source, DateTimeOffset at, ICollection<CameraReport> reports)
    {
        _active.Remove(source);
        EndUnlessOthers(source.Type, at, reports);
    }

    private void EndUnlessOthers(string type, DateTimeOffset at, ICollection<CameraReport> reports)
    {
        foreach (var active in _active.Keys)
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

    /// <param name="Name">As the camera calls it within the topic.</param>
    private readonly record struct Source(string Topic, string Name, string Type);

    private sealed class Ongoing(CameraReport report, TimeSpan toldAt)
    {
        public CameraReport Report => report;

        public TimeSpan ToldAt { get; set; } = toldAt;
    }
}
