using System.Diagnostics.CodeAnalysis;

namespace Vms.WebRtc.Sdp;

/// <summary>One <c>a=</c> line (RFC 8866 §5.13).</summary>
/// <param name="Name">As written.</param>
/// <param name="Value">What follows the colon; empty for a property attribute.</param>
public readonly record struct SdpAttribute(string Name, string Value);

/// <summary>A session description as far as WebRTC needs it (RFC 8866): session attributes and media sections.</summary>
/// <remarks>
/// Tolerant: bare LF, trailing blanks, unknown and unordered lines are accepted. Not tolerant: more than the ceilings below,
/// which no browser comes near.
/// </remarks>
public sealed class SdpDescription
{
    /// <summary>Longest description; a Chromium offer for one video takes about 7 KiB.</summary>
    public const int MaxLength = 64 * 1024;

    public const int MaxMediaSections = 32;
    public const int MaxAttributesPerSection = 1024;
    public const int MaxLineLength = 4096;

    private SdpDescription(IReadOnlyList<SdpAttribute> attributes, IReadOnlyList<SdpMediaSection> media)
    {
        Attributes = attributes;
        Media = media;
    }

    public IReadOnlyList<SdpAttribute> Attributes { get; }

    public IReadOnlyList<SdpMediaSection> Media { get; }

    /// <summary>The first session-level attribute of that name.</summary>
    public string? Find(string name) => Find(Attributes, name);

    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out SdpDescription? description) =>
        TryParseFragment(text, out description) && description.Media.Count > 0;

    /// <summary>As <see cref="TryParse"/>; media sections may be missing.</summary>
    internal static bool TryParseFragment(ReadOnlySpan<char> text, [NotNullWhen(true)] out SdpDescription? description)
    {
        description = null;
        if (text.Length > MaxLength)
            return false;

        var session = new List<SdpAttribute>();
        var media = new List<SdpMediaSection>();
        var current = session;
        foreach (var rawLine in text.EnumerateLines())
        {
            var line = rawLine.TrimEnd();
            if (line.Length > MaxLineLength)
                return false;
            if (line.Length < 2 || line[1] != '=')
                continue;

            var value = line[2..];
            if (line[0] == 'm')
            {
                if (media.Count == MaxMediaSections)
                    return false;
                current = [];
                if (!SdpMediaSection.TryParse(value, current, out var section))
                    return false;
                media.Add(section);
            }
            else if (line[0] == 'a')
            {
                if (current.Count == MaxAttributesPerSection)
                    return false;
                int colon = value.IndexOf(':');
                current.Add(colon < 0
                    ? new SdpAttribute(value.ToString(), "")
                    : new SdpAttribute(value[..colon].ToString(), value[(colon + 1)..].Trim().ToString()));
            }
        }

        description = new SdpDescription(session, media);
        return true;
    }

    /// <summary>The media identifications of the first BUNDLE group (RFC 9143 §7.1); empty without one.</summary>
    internal IReadOnlyList<string> BundleGroup()
    {
        foreach (var attribute in Attributes)
        {
            if (attribute.Name == "group" && attribute.Value.StartsWith("BUNDLE", StringComparison.Ordinal))
                return attribute.Value.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..];
        }

        return [];
    }

    internal static string? Find(IReadOnlyList<SdpAttribute> attributes, string name)
    {
        foreach (var attribute in attributes)
        {
            if (attribute.Name == name)
                return attribute.Value;
        }

        return null;
    }
}
