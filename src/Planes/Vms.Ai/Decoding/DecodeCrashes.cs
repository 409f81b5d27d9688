using Vms.Ai.Crashes;
using Vms.Hosting;

namespace Vms.Ai.Decoding;

/// <summary>Streams whose decoding ended the process.</summary>
internal sealed partial class DecodeCrashes : CrashBook
{
    public DecodeCrashes(PlaneOptions options, Suspects suspects, TimeProvider time, ILogger<DecodeCrashes> logger)
        : base(options, "analysis-decoding.notes", "analysis-crashes.json", suspects, time, logger)
    {
        foreach (var (stream, count, until) in Ends)
        {
            if (until is null)
                Log.Ended(logger, stream, count);
            else
                Log.LeftOut(logger, stream, count, until.Value);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4040, LogLevel.Warning, "The process ended while {Stream} was decoded, for the {Count}. time in a row; it is decoded again")]
        public static partial void Ended(ILogger logger, string stream, int count);

        [LoggerMessage(4041, LogLevel.Error, "The process ended while {Stream} was decoded, for the {Count}. time in a row; the stream is left out until {Until}, the others go on")]
        public static partial void LeftOut(ILogger logger, string stream, int count, DateTimeOffset until);
    }
}
