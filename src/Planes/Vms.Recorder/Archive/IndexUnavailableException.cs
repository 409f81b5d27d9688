namespace Vms.Recorder.Archive;

/// <summary>The database is away and what the recorder knows by itself does not reach that far back. Playback answers 503 with
/// code <see cref="Code"/>.</summary>
internal sealed class IndexUnavailableException(string message, Exception? inner = null) : Exception(message, inner)
{
    public const string Code = "indexUnavailable";
}
