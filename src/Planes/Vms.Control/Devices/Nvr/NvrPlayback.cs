using System.Text.RegularExpressions;

namespace Vms.Control.Devices.Nvr;

/// <summary>Where a recorder plays any stretch of a channel, made of where it plays one. Sans-IO.</summary>
/// <param name="Url">rtsp, with <c>{from}</c> and <c>{to}</c> in place of the times.</param>
/// <param name="Times">How those are written: contracts/media.proto, url_times.</param>
internal sealed partial record NvrPlayback(string Url, string Times)
{
    private const string Query = "starttime={from}&endtime={to}";

    /// <summary>Null for an address that carries no range.</summary>
    public static NvrPlayback? Of(NvrMaker maker, string recording)
    {
        switch (maker)
        {
            case NvrMaker.Hikvision:
                // What follows the times (name, size) is of one file, and would not fit another stretch.
                int query = recording.IndexOf('?', StringComparison.Ordinal);
                return query > 0 && Range().IsMatch(recording) && !recording.AsSpan(0, query).ContainsAny('{', '}') ? new NvrPlayback($"{recording[..query]}?{Query}", "basic") : null;
            case NvrMaker.Dahua:
                return Range().IsMatch(recording) && !recording.AsSpan().ContainsAny('{', '}') ? new NvrPlayback(Range().Replace(recording, Query, 1), "underscores") : null;
            default:
                return null;
        }
    }

    [GeneratedRegex("starttime=[0-9A-Za-z_:-]+&endtime=[0-9A-Za-z_:-]+", RegexOptions.IgnoreCase)]
    private static partial Regex Range();
}
