namespace Vms.Recorder.Import;

/// <summary>An import cannot go on. What is written of it stays.</summary>
/// <param name="code">Stable: contracts/recorder.proto, ImportFootage.</param>
/// <param name="detail">One sentence for the operator.</param>
internal sealed class ImportFailedException(string code, string detail) : Exception(detail)
{
    public const string PoolAway = "poolAway";
    public const string IndexAway = "indexAway";
    public const string MediaAway = "mediaAway";

    public string Code => code;
}
