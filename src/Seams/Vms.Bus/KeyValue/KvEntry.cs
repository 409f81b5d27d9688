using System.Text;

namespace Vms.Bus;

public enum KvOperation
{
    Put,

    /// <summary>Deleted; a marker remains.</summary>
    Delete,

    /// <summary>Deleted with all revisions.</summary>
    Purge,

    /// <summary>Not written again within the bucket's time to live, or lost with the server's data. Only from a watch.</summary>
    Expired,

    /// <summary>No entry: the watch has delivered all values that existed when it began.</summary>
    InitialDone,
}

/// <summary>One revision of one key.</summary>
public sealed record KvEntry(string Key, ReadOnlyMemory<byte> Value, ulong Revision, DateTimeOffset WrittenAt, KvOperation Operation)
{
    internal static KvEntry InitialDone { get; } = new("", default, 0, default, KvOperation.InitialDone);

    public string Text => Encoding.UTF8.GetString(Value.Span);

    internal static KvOperation OperationOf(BusHeaders? headers) => headers?["KV-Operation"] switch
    {
        "DEL" => KvOperation.Delete,
        "PURGE" => KvOperation.Purge,
        _ => KvOperation.Put,
    };
}
