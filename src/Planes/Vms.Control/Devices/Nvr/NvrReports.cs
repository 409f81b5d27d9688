using System.Security.Cryptography;
using System.Text;

namespace Vms.Control.Devices.Nvr;

/// <summary>What happens at a recorder: that something began, goes on, is over, or has just happened.</summary>
/// <param name="Id">The same happening always has the same one, from its beginning to its end.</param>
/// <param name="Number">Of the channel, or of the input.</param>
/// <param name="At">When it began.</param>
/// <param name="EndAt">Null while it goes on, and for what has no length.</param>
internal sealed record NvrReport(Guid Id, NvrEventKind Kind, int Number, DateTimeOffset At, DateTimeOffset? EndAt, bool Ongoing);

/// <summary>
/// Makes events with a beginning and an end of what a recorder says, which may repeat itself each second (Hikvision), or never say that something is over. Sans-IO;
/// one caller at a time.
/// </summary>
/// <remarks>A channel that was heard to end something is believed for <see cref="Longest"/>, any other for <see cref="Unconfirmed"/> after it last said that something
/// goes on.</remarks>
internal sealed class NvrReports(string nvrId)
{
    /// <summary>What goes on is said again so often; whoever hears nothing for three times as long takes it for over.</summary>
    public static readonly TimeSpan Renewal = TimeSpan.FromSeconds(20);

    public static readonly TimeSpan Unconfirmed = TimeSpan.FromSeconds(60);

    public static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    /// <summary>Events that may begin within a minute, of all channels.</summary>
    public const int MaxPerMinute = 600;

    /// <summary>Numbers that no recorder has: its channels and its inputs.</summary>
    private const int MaxSources = 2 * NvrChannel.MaxChannels;

    private readonly Dictionary<(NvrEventKind, int), Ongoing> _ongoing = [];
    private readonly HashSet<(NvrEventKind, int)> _saysOver = [];
    private TimeSpan _minuteStart;
    private int _begun;

    /// <summary>Events that were not told because there were too many.</summary>
    public long Refused { get; private set; }

    /// <param name="now">Monotonic.</param>
    /// <param name="reports">What is to be told is added.</param>
    public void Take(NvrEvent happened, DateTimeOffset at, TimeSpan now, ICollection<NvrReport> reports)
    {
        var source = (happened.Kind, happened.Number);
        if (happened.State is false)
        {
            if (_saysOver.Count < MaxSources)
                _saysOver.Add(source);
            End(source, at, reports);
        }
        else if (happened.State is true && _ongoing.TryGetValue(source, out var known))
        {
            known.SaidAt = now;
        }
        else if (MayBegin(now))
        {
            var report = new NvrReport(IdOf(happened, at), happened.Kind, happened.Number, at, null, Ongoing: happened.State is true);
            reports.Add(report);
            if (happened.State is true)
                _ongoing[source] = new Ongoing(report) { SaidAt = now, ToldAt = now };
        }
    }

    /// <summary>Lets time pass: what goes on is said again, and what nobody ends is over.</summary>
    public void Tick(DateTimeOffset at, TimeSpan now, ICollection<NvrReport> reports)
    {
        foreach (var (source, ongoing) in _ongoing)
        {
            if (now - ongoing.SaidAt >= (_saysOver.Contains(source) ? Longest : Unconfirmed))
            {
                End(source, at, reports);
            }
            else if (now - ongoing.ToldAt >= Renewal)
            {
                ongoing.ToldAt = now;
                reports.Add(ongoing.Report);
            }
        }
    }

    /// <summary>The recorder is gone: nothing is known to go on.</summary>
    public void EndAll(DateTimeOffset at, ICollection<NvrReport> reports)
    {
        foreach (var source in _ongoing.Keys)
            End(source, at, reports);
    }

    private void End((NvrEventKind, int) source, DateTimeOffset at, ICollection<NvrReport> reports)
    {
        if (_ongoing.Remove(source, out var ongoing))
            reports.Add(ongoing.Report with { Ongoing = false, EndAt = at > ongoing.Report.At ? at : ongoing.Report.At });
    }

    private Guid IdOf(NvrEvent happened, DateTimeOffset at) =>
        new(SHA256.HashData(Encoding.UTF8.GetBytes($"nvr/{nvrId}/{happened.Kind}/{happened.Number}/{at.UtcTicks}")).AsSpan(0, 16));

    private bool MayBegin(TimeSpan now)
    {
        if (now - _minuteStart >= TimeSpan.FromMinutes(1))
            (_minuteStart, _begun) = (now, 0);
        if (_begun == MaxPerMinute || _ongoing.Count >= MaxSources)
        {
            Refused++;
            return false;
        }

        _begun++;
        return true;
    }

    private sealed class Ongoing(NvrReport report)
    {
        public NvrReport Report => report;

        public TimeSpan SaidAt { get; set; }

        public TimeSpan ToldAt { get; set; }
    }
}
