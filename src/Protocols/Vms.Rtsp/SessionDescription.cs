using System.Globalization;
using System.Text;

namespace Vms.Rtsp;

/// <summary>
/// What a DESCRIBE reply says (RFC 4566), as far as pulling the streams needs it: controls, formats, directions. Everything else
/// is read over, because cameras get it wrong: missing or broken <c>v= o= s= t= c=</c> lines, hexadecimal or decimal session ids,
/// unknown media, unknown bandwidth types, bare LF, attributes in any order.
/// </summary>
public sealed class SessionDescription
{
    public const int MaxMedia = 32;
    public const int MaxLines = 4096;

    private SessionDescription(string? control, IReadOnlyList<MediaDescription> media)
    {
        Control = control;
        Media = media;
    }

    /// <summary>The session-level <c>a=control</c>.</summary>
    public string? Control { get; }

    /// <summary>In the order of the text.</summary>
    public IReadOnlyList<MediaDescription> Media { get; }

    /// <summary>The first video track of that encoding.</summary>
    public MediaDescription? FirstVideo(string encodingName) =>
        Media.FirstOrDefault(m => m.IsVideo && m.Encoding.Equals(encodingName, StringComparison.OrdinalIgnoreCase));

    /// <summary>Null when no <c>m=</c> line is in it.</summary>
    public static SessionDescription? Parse(ReadOnlySpan<byte> body)
    {
        string? control = null;
        var media = new List<MediaBuilder>();
        int lines = 0;
        foreach (var range in body.SplitAny("\r\n"u8))
        {
            var raw = body[range].Trim(" \t\0"u8);
            if (raw.Length < 2 || raw[1] != '=')
                continue;
            if (++lines > MaxLines)
                break;

            string value = Encoding.UTF8.GetString(raw[2..]).Trim();
            switch ((char)raw[0])
            {
                case 'm' when media.Count < MaxMedia:
                    media.Add(new MediaBuilder(value));
                    break;
                case 'a' when media.Count == 0:
                    if (Attribute(value, "control") is { } presentation)
                        control ??= presentation;
                    break;
                case 'a':
                    media[^1].AddAttribute(value);
                    break;
                default:
                    break;
            }
        }

        return media.Count == 0 ? null : new(control, [.. media.Select(m => m.Build(media))]);
    }

    /// <summary>The value behind "name:", or null when the attribute is another one.</summary>
    private static string? Attribute(string line, string name) =>
        line.StartsWith(name, StringComparison.OrdinalIgnoreCase) && line.Length > name.Length && line[name.Length] == ':'
            ? line[(name.Length + 1)..].Trim()
            : null;

    private sealed class MediaBuilder
    {
        private const int MaxEncodingName = 32;     // operators read it

        private readonly string _kind;
        private readonly List<int> _formats = [];
        private readonly Dictionary<int, string> _mappings = [];
        private readonly Dictionary<int, string> _parameters = [];
        private string? _control;
        private bool _isSendOnly;

        public MediaBuilder(string line)
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            _kind = words.Length > 0 ? words[0].ToUpperInvariant() : "";
            foreach (string word in words.Skip(3))
            {
                if (int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int format) && format <= 127)
                    _formats.Add(format);
            }
        }

        public void AddAttribute(string line)
        {
            if (Attribute(line, "control") is { } control)
                _control = control;
            else if (Attribute(line, "rtpmap") is { } mapping)
                Store(_mappings, mapping);
            else if (Attribute(line, "fmtp") is { } parameters)
                Store(_parameters, parameters);
            else if (line.Equals("sendonly", StringComparison.OrdinalIgnoreCase))
                _isSendOnly = true;
        }

        public MediaDescription Build(List<MediaBuilder> all)
        {
            // The first format that has a mapping, else the first that is mapped though the m= line names another, else the m= line's.
            int format = _formats.Where(_mappings.ContainsKey).Concat(_mappings.Keys).Concat(_formats).FirstOrDefault(-1);

            // Some cameras write the fmtp below another track (go2rtc WebRTC #419).
            if (!_parameters.TryGetValue(format, out string? parameters) && format >= 96)
                parameters = all.Select(m => m._mappings.ContainsKey(format) ? null : m._parameters.GetValueOrDefault(format)).FirstOrDefault(p => p is not null);

            var (encoding, clockRate, channels) = _mappings.TryGetValue(format, out string? mapping)
                ? Mapping(mapping)
                : Static(format, parameters);
            return new()
            {
                IsVideo = _kind == "VIDEO",
                IsAudio = _kind == "AUDIO",
                IsBackchannel = _kind == "AUDIO" && _isSendOnly,
                PayloadType = format,
                Encoding = encoding,
                ClockRate = clockRate,
                Channels = channels,
                FormatParameters = FormatParameters.Parse(parameters),
                Control = _control,
            };
        }

        private static void Store(Dictionary<int, string> table, string value)
        {
            int blank = value.IndexOf(' ');
            string number = blank < 0 ? value : value[..blank];
            if (int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int format) && format <= 127)
                table.TryAdd(format, blank < 0 ? "" : value[(blank + 1)..].Trim());
        }

        private static (string Encoding, int ClockRate, int Channels) Mapping(string mapping)
        {
            string[] parts = mapping.Split('/', StringSplitOptions.TrimEntries);
            string name = parts[0].Length <= MaxEncodingName ? parts[0] : parts[0][..MaxEncodingName];
            return (name.ToUpperInvariant(), Positive(parts, 1, 0), Positive(parts, 2, 1));
        }

        private static int Positive(string[] parts, int index, int otherwise) =>
            parts.Length > index && int.TryParse(parts[index], NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number > 0
                ? number
                : otherwise;

        /// <summary>RFC 3551 §6, and H.264 that only its parameter sets give away.</summary>
        private static (string Encoding, int ClockRate, int Channels) Static(int format, string? parameters) => format switch
        {
            0 => ("PCMU", 8000, 1),
            2 => ("G726-32", 8000, 1),
            8 => ("PCMA", 8000, 1),
            10 => ("L16", 44100, 2),
            11 => ("L16", 44100, 1),
            26 => ("JPEG", 90000, 1),
            32 => ("MPV", 90000, 1),
            33 => ("MP2T", 90000, 1),
            _ when parameters is not null && parameters.Contains("sprop-parameter-sets", StringComparison.OrdinalIgnoreCase) => ("H264", 90000, 1),
            _ => ("", 0, 1),
        };
    }
}
