using Vms.Onvif.Events;

namespace Vms.Control.Devices.Nvr;

/// <summary>Motion at an ONVIF recorder, channel by channel: several rules may see the same, and it is over when the last of them says so. Sans-IO; one caller at a time.</summary>
/// <param name="sources">As they are known at the moment.</param>
internal sealed class OnvifMotion(Func<OnvifSources> sources)
{
    /// <summary>Of one channel.</summary>
    private const int MaxRules = 32;

    private readonly Dictionary<int, HashSet<(string Topic, string Source)>> _moving = [];

    /// <returns>Null for motion of no channel that is known, and for one of several rules that sees nothing more.</returns>
    public NvrEvent? Take(Notification notification, bool? state)
    {
        if (sources().ChannelOf(notification.Source) is not { } channel)
            return null;
        if (state is null)
            return new NvrEvent(NvrEventKind.Motion, channel, null);

        if (!_moving.TryGetValue(channel, out var rules))
            _moving[channel] = rules = [];
        var rule = (notification.Topic, notification.Source);
        if (state.Value)
        {
            if (rules.Count < MaxRules)
                rules.Add(rule);
            return new NvrEvent(NvrEventKind.Motion, channel, true);
        }

        rules.Remove(rule);
        return rules.Count == 0 ? new NvrEvent(NvrEventKind.Motion, channel, false) : null;
    }
}
