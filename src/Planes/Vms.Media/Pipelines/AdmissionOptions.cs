using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Vms.Hosting;

namespace Vms.Media.Pipelines;

/// <summary>What the operator lets this node take on, bound once and validated. Immutable.</summary>
internal sealed record AdmissionOptions
{
    /// <summary>VMS_MAX_STREAMS: streams applied at a time; 0: as many as there are.</summary>
    public int MaxStreams { get; init; }

    /// <summary>VMS_MAX_LOG_BYTES: all stream logs together; half of the memory unless set.</summary>
    public long MaxLogBytes { get; init; } = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2;

    /// <summary>VMS_RTSP_ALLOW_BASIC: send the password to any camera that offers only Basic, outside of TLS. A camera's own setting may allow
    /// it where this one does not.</summary>
    public bool AllowBasicInClear { get; init; }

    /// <exception cref="ValidationException">A value is not a number or out of range; the message names the key.</exception>
    public static AdmissionOptions From(IConfiguration configuration)
    {
        var options = new AdmissionOptions();
        return options with
        {
            MaxStreams = (int)Number(configuration, "VMS_MAX_STREAMS", 0, int.MaxValue),
            MaxLogBytes = Number(configuration, "VMS_MAX_LOG_BYTES", options.MaxLogBytes, long.MaxValue),
            AllowBasicInClear = Number(configuration, "VMS_RTSP_ALLOW_BASIC", 0, 1) == 1,
        };
    }

    private static long Number(IConfiguration configuration, string key, long fallback, long max)
    {
        if (PlaneOptions.Setting(configuration, key) is not { } text)
            return fallback;

        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long value) && value <= max
            ? value
            : throw new ValidationException($"{key} is '{text}'; expected a whole number from 0 to {max}");
    }
}
