using Vms.Ai.Crashes;
using Vms.Ai.Models;
using Vms.Hosting;

namespace Vms.Ai.Detectors;

/// <summary>Models whose loading or running ended the process. Another file under the same name is another model.</summary>
internal sealed partial class ModelCrashes : CrashBook
{
    private const int HashDigits = 12;

    public ModelCrashes(PlaneOptions options, Suspects suspects, TimeProvider time, ILogger<ModelCrashes> logger)
        : base(options, "analysis-models.notes", "analysis-model-crashes.json", suspects, time, logger)
    {
        foreach (var (model, count, until) in Ends)
        {
            if (until is null)
                Log.Ended(logger, model, count);
            else
                Log.LeftOut(logger, model, count, until.Value);
        }
    }

    internal static string KeyOf(string name, ModelManifest manifest) => $"{name}.{manifest.Sha256[..HashDigits]}";

    /// <exception cref="ModelException">It is left out; the message says why, and until when.</exception>
    internal void Check(string name, string key)
    {
        if (LeftOutUntil(key) is { } until)
            throw new ModelException($"{name}: loading or running it ended the process {Patience} times or more in a row; it is tried again at {until:u}") { IsLeftOut = true };
    }

    private static partial class Log
    {
        [LoggerMessage(4110, LogLevel.Warning, "The process ended while the model {Model} was loaded or run, for the {Count}. time in a row; it is tried again")]
        public static partial void Ended(ILogger logger, string model, int count);

        [LoggerMessage(4111, LogLevel.Error, "The process ended while the model {Model} was loaded or run, for the {Count}. time in a row; the model is left out until {Until}. Motion goes on being found")]
        public static partial void LeftOut(ILogger logger, string model, int count, DateTimeOffset until);
    }
}
