using Vms.Hosting;

namespace Vms.Control.Features.Cameras;

/// <summary>Turns a request into settings, or into the list of everything that is wrong with it.</summary>
internal static class CameraRules
{
    public const int MaxNameLength = 64;
    public const int MaxCredentialLength = 128;

    private const int HashDigits = 64;
    private const int MaxHashLength = 128;
    private const long MinSegmentBytes = 1 << 20;
    private const long MaxSegmentBytes = 64L << 30;

    private static readonly string[] s_transports = ["auto", "tcp", "udp", "multicast", "http"];
    private static readonly string[] s_modes = ["continuous", "motion", "event", "off"];
    private static readonly string[] s_streams = ["main", "sub", RecordingSettings.Both];

    /// <param name="credentials">Taken out of the URLs; they count only where the fields are empty.</param>
    /// <returns>Settings; meaningless when <paramref name="problems"/> is not empty.</returns>
    public static CameraSettings Check(CameraRequest request, out CameraCredentials? credentials, out List<FieldProblem> problems)
    {
        problems = [];
        var main = Url(request.MainUrl, "mainUrl", problems, required: true, out credentials);
        var sub = Url(request.SubUrl, "subUrl", problems, required: false, out var subCredentials);
        credentials ??= subCredentials;

        var name = request.Name?.Trim() ?? "";
        if (name.Length == 0)
            problems.Add(new FieldProblem("name", "required", "A name is required"));
        else if (name.Length > MaxNameLength || name.Any(char.IsControl))
            problems.Add(new FieldProblem("name", "tooLong", $"Use at most {MaxNameLength} printable characters"));

        var username = string.IsNullOrEmpty(request.Username) ? credentials?.Username : request.Username;
        CheckCredential(username, "username", problems);
        CheckCredential(request.Password ?? credentials?.Password, "password", problems);

        return new CameraSettings(
            name,
            request.Enabled ?? true,
            string.IsNullOrEmpty(request.SiteId) ? Sites.SiteRow.DefaultId : request.SiteId,
            main,
            sub.Length == 0 ? null : sub,
            string.IsNullOrEmpty(username) ? null : username,
            OneOf(request.Transport, s_transports, [], "transport", "", problems),
            request.OnDemand ?? false,
            request.AllowBasicInClear ?? false,
            CheckRecording(request.Recording ?? new RecordingRequest(), hasSub: sub.Length > 0, problems),
            AnalyticsRules.Check(request.Analytics, hasSub: sub.Length > 0, problems),
            CheckCertificate(request.TlsCertificateSha256, problems));
    }

    /// <summary>As certificate tools print it, with or without colons; kept without.</summary>
    private static string? CheckCertificate(string? hash, List<FieldProblem> problems)
    {
        if (string.IsNullOrWhiteSpace(hash))
            return null;
        string digits = hash.Length <= MaxHashLength ? hash.Trim().Replace(":", "", StringComparison.Ordinal) : "";
        if (digits.Length != HashDigits || !digits.All(char.IsAsciiHexDigit))
            problems.Add(new FieldProblem("tlsCertificateSha256", "invalidValue", "Use the certificate's SHA-256: 64 hexadecimal digits, with or without colons"));
        return digits.ToLowerInvariant();
    }

    private static RecordingSettings CheckRecording(RecordingRequest request, bool hasSub, List<FieldProblem> problems)
    {
        var stream = OneOf(request.Stream, s_streams, [], "recording.stream", "", problems);
        if (stream != "main" && !hasSub)
            problems.Add(new FieldProblem("recording.stream", "noSubStream", "The camera has no sub stream to record"));
        var schedule = ScheduleRules.Check(request.Schedule, s_modes, problems);
        var retention = request.Retention;
        if (retention?.MaxAgeDays is <= 0 or > 36_500 or double.NaN)
            problems.Add(new FieldProblem("recording.retention.maxAgeDays", "outOfRange", "Use more than 0 and at most 36500 days, or null for no limit"));
        if (retention?.MaxBytes is < 1)
            problems.Add(new FieldProblem("recording.retention.maxBytes", "outOfRange", "Use a positive number of bytes, or null for no limit"));
        if (retention?.MinAgeDays is <= 0 or > 36_500 or double.NaN)
            problems.Add(new FieldProblem("recording.retention.minAgeDays", "outOfRange", "Use more than 0 and at most 36500 days, or null for no minimum"));
        else if (retention?.MinAgeDays > retention?.MaxAgeDays)
            problems.Add(new FieldProblem("recording.retention.minAgeDays", "aboveMaximum", "The minimum is above the maximum of days"));
        if (retention?.BookmarkDays is < 0 or > 36_500 or double.NaN)
            problems.Add(new FieldProblem("recording.retention.bookmarkDays", "outOfRange", "Use 0 to 36500 days, or null for 90"));

        return new RecordingSettings(
            OneOf(request.Mode, s_modes, [], "recording.mode", "", problems),
            stream,
            OneOf(request.Format, ["fmp4", "mkv"], [], "recording.format", "", problems),
            InRange(request.SegmentSeconds, 600, 2, 3600, "recording.segmentSeconds", problems),
            InRange(request.PreRoll, 10, 0, 60, "recording.preRoll", problems),
            InRange(request.PostRoll, 20, 0, 600, "recording.postRoll", problems),
            new RetentionSettings(retention?.MaxAgeDays, retention?.MaxBytes, retention?.MinAgeDays, retention?.BookmarkDays),
            schedule,
            ScheduleRules.CheckZone(request.TimeZone, schedule, problems),
            CheckBytes(request.SegmentBytes, problems),
            request.FillGaps ?? false,
            CheckPort(request.OnvifPort, problems));
    }

    private static int? CheckPort(int? port, List<FieldProblem> problems)
    {
        if (port is < 1 or > 65535)
            problems.Add(new FieldProblem("recording.onvifPort", "outOfRange", "Use 1 to 65535, or null for 80"));
        return port;
    }

    private static long? CheckBytes(long? bytes, List<FieldProblem> problems)
    {
        if (bytes is < MinSegmentBytes or > MaxSegmentBytes)
            problems.Add(new FieldProblem("recording.segmentBytes", "outOfRange", $"Use {MinSegmentBytes} to {MaxSegmentBytes} bytes, or null for no such limit"));
        return bytes;
    }

    private static string Url(string? text, string field, List<FieldProblem> problems, bool required, out CameraCredentials? credentials)
    {
        credentials = null;
        if (string.IsNullOrWhiteSpace(text))
        {
            if (required)
                problems.Add(new FieldProblem(field, "required", "The address of the stream is required"));
            return "";
        }

        if (CameraUrl.TryParse(text, out var url, out credentials))
            return url.Value;
        problems.Add(new FieldProblem(field, "invalidUrl", "Expected rtsp://host[:port]/path or rtsps://host[:port]/path, or push: for a camera that sends to this server"));
        return "";
    }

    private static void CheckCredential(string? value, string field, List<FieldProblem> problems)
    {
        if (value is not null && (value.Length > MaxCredentialLength || value.Any(char.IsControl)))
            problems.Add(new FieldProblem(field, "tooLong", $"Use at most {MaxCredentialLength} printable characters"));
    }

    /// <summary>The value, or the first of the allowed ones when there is none.</summary>
    private static string OneOf(string? value, string[] allowed, string[] notYet, string field, string notYetCode, List<FieldProblem> problems)
    {
        if (value is null)
            return allowed[0];
        if (notYet.Contains(value))
            problems.Add(new FieldProblem(field, notYetCode, $"'{value}' is not available in this version; use {string.Join(" or ", allowed)}"));
        else if (!allowed.Contains(value))
            problems.Add(new FieldProblem(field, "invalidValue", $"Use {string.Join(" or ", allowed)}"));
        return value;
    }

    private static int InRange(int? value, int fallback, int min, int max, string field, List<FieldProblem> problems)
    {
        if (value is { } given && (given < min || given > max))
            problems.Add(new FieldProblem(field, "outOfRange", $"Use {min} to {max} seconds"));
        return value ?? fallback;
    }
}
