using Vms.Onvif.Media;

namespace Vms.Control.Devices.Nvr;

/// <summary>Which channel of an ONVIF recorder a token means: that of a video source, of its configuration or of a profile. Immutable.</summary>
internal sealed class OnvifSources
{
    public static readonly OnvifSources None = new([], null);

    private readonly Dictionary<string, int> _channels;
    private readonly int? _only;

    private OnvifSources(Dictionary<string, int> channels, int? only) => (_channels, _only) = (channels, only);

    public static OnvifSources Of(IReadOnlyList<NvrChannel> channels, IReadOnlyList<MediaProfile> profiles)
    {
        var numbers = channels.ToDictionary(c => c.Id, c => c.Number, StringComparer.Ordinal);
        var tokens = new Dictionary<string, int>(numbers, StringComparer.Ordinal);
        foreach (var profile in profiles)
        {
            if (!numbers.TryGetValue(profile.VideoSource is { Length: > 0 } source ? source : profile.Token, out int number))
                continue;
            // A token of a source is that source's, whatever else is called so.
            tokens.TryAdd(profile.Token, number);
            if (profile.VideoSourceConfiguration is { Length: > 0 } configuration)
                tokens.TryAdd(configuration, number);
        }

        return new OnvifSources(tokens, channels.Count == 1 ? channels[0].Number : null);
    }

    /// <summary>Null for one that it does not say, or of which nobody knows what it means.</summary>
    /// <param name="source">As <see cref="Vms.Onvif.Events.Notification.Source"/> has it: <c>Name=Value</c>, separated by commas.</param>
    public int? ChannelOf(string source)
    {
        // What names the picture comes first: a rule may be called as another channel's token.
        foreach (bool named in (ReadOnlySpan<bool>)[true, false])
        {
            foreach (string item in source.Split(','))
            {
                int equals = item.IndexOf('=', StringComparison.Ordinal);
                if (equals > 0 && (!named || item.AsSpan(0, equals).Contains("Source", StringComparison.OrdinalIgnoreCase))
                    && _channels.TryGetValue(item[(equals + 1)..], out int number))
                {
                    return number;
                }
            }
        }

        return _only;
    }
}
