using System.Globalization;
using Npgsql;
using Vms.Control.Data;
using Vms.Hosting;

namespace Vms.Control.Audit;

/// <summary>Where signed heads are kept: one per day in the database, the newest in a file beside it, and, where the installation has a folder outside
/// (<c>VMS_ANCHOR_DIR</c>), one file per day there: whoever cuts the end off the database's log does not reach that one. One caller at a time.</summary>
internal sealed class AuditHeads(NpgsqlDataSource database, PlaneOptions options, IConfiguration configuration)
{
    private const string Columns = "day, seq, hash, at, key_id, signature";

    private readonly string? _outside = PlaneOptions.Setting(configuration, "VMS_ANCHOR_DIR");

    private string File => Path.Combine(options.DataDirectory, "audit.head");

    /// <summary>Within the caller's transaction.</summary>
    public static Task KeepAsync(NpgsqlConnection connection, AuditHead head, CancellationToken cancellationToken) => connection.ExecuteAsync(
        $"""
        insert into control.audit_head ({Columns}) values ($1, $2, $3, $4, $5, $6)
        on conflict (day) do update set seq = excluded.seq, hash = excluded.hash, at = excluded.at, key_id = excluded.key_id, signature = excluded.signature
        where audit_head.seq < excluded.seq
        """,
        [head.Day, head.Seq, head.Hash, head.At, head.KeyId, head.Signature], cancellationToken);

    /// <exception cref="IOException">No room, or no access; likewise <see cref="UnauthorizedAccessException"/>.</exception>
    public void Publish(AuditHead head)
    {
        PrivateFiles.Replace(File, head.ToJson());
        if (_outside is { } folder)
        {
            var path = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"audit-{head.Day:yyyyMMdd}.json"));
            System.IO.File.WriteAllBytes(path + ".new", head.ToJson());
            System.IO.File.Move(path + ".new", path, overwrite: true);
        }
    }

    /// <summary>All that are known, from every place.</summary>
    public async Task<List<AuditHead>> AllAsync(CancellationToken cancellationToken)
    {
        await using var command = database.Command($"select {Columns} from control.audit_head order by seq");
        var heads = await command.RowsAsync(
            r => new AuditHead(r.GetFieldValue<DateOnly>(0), r.GetInt64(1), r.GetFieldValue<byte[]>(2), r.Time(3), r.GetString(4), r.GetFieldValue<byte[]>(5)), cancellationToken);
        IEnumerable<string> files = _outside is { } folder && Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "audit-*.json") : [];
        foreach (var file in files.Append(File).Where(System.IO.File.Exists))
        {
            if (AuditHead.Parse(await System.IO.File.ReadAllBytesAsync(file, cancellationToken)) is { } head)
                heads.Add(head);
        }

        return heads;
    }
}
