using Npgsql;
using Vms.Control.Data;

namespace Vms.Control.Audit;

/// <summary>Reads the whole audit log and says whether it is what was written.</summary>
internal sealed class AuditVerification(NpgsqlDataSource database, AuditKey key, AuditHeads heads, TimeProvider time)
{
    private const int PageSize = 5000;
    private const int MaxFindings = 100;

    /// <summary>Sealing takes a second; what waits for longer is said.</summary>
    private static readonly TimeSpan s_sealedWithin = TimeSpan.FromMinutes(1);

    private int _runs;

    /// <summary>Null while another goes on that was asked for in this way: years of entries are read, once at a time.</summary>
    public async Task<AuditVerdict?> RunAloneAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _runs, 1) != 0)
            return null;
        try
        {
            return await RunAsync(cancellationToken);
        }
        finally
        {
            Volatile.Write(ref _runs, 0);
        }
    }

    public async Task<AuditVerdict> RunAsync(CancellationToken cancellationToken)
    {
        var known = (await heads.AllAsync(cancellationToken)).OrderBy(h => h.Seq).ToList();     // before the entries: none of them is newer than what is read
        var findings = new List<AuditFinding>();
        var headsAt = known.Where(h => Check(h, findings)).ToLookup(h => h.Seq);
        long expected = 1;
        var hash = AuditChain.Start;
        AuditEntry? last = null;
        while (true)
        {
            await using var command = database.Command($"select {AuditEntry.Columns} from control.audit where seq >= $1 order by seq limit $2", (last?.Seq ?? 0) + 1, PageSize);
            var page = await command.RowsAsync(AuditEntry.Read, cancellationToken);
            foreach (var entry in page)
            {
                if (entry.Seq != expected)
                    findings.Add(new AuditFinding("missing", expected, null, null, $"{entry.Seq - expected} entries are missing before {entry.Seq}"));
                else if (!AuditChain.Hash(hash, expected, entry).AsSpan().SequenceEqual(entry.Hash))
                    findings.Add(Of("altered", entry, "its content is not what was sealed"));
                hash = entry.Hash!;
                expected = entry.Seq!.Value + 1;
                last = entry;
                if (headsAt[entry.Seq.Value].FirstOrDefault(h => !h.Hash.AsSpan().SequenceEqual(hash)) is { } head)
                    findings.Add(Of("rewritten", entry, $"it was sealed anew since the head of {head.Day:yyyy-MM-dd} was signed: nothing up to it is proven"));
                if (findings.Count >= MaxFindings)
                    break;
            }

            if (page.Count < PageSize || findings.Count >= MaxFindings)
                break;
        }

        if (known.LastOrDefault() is { } newest && newest.Seq >= expected && findings.Count < MaxFindings)
            findings.Add(new AuditFinding("missing", expected, null, null, $"the log ends at {expected - 1}; a signed head says that there were {newest.Seq} on {newest.At:u}"));
        return new AuditVerdict(expected - 1, await WaitingAsync(findings, cancellationToken), last?.At, key.Id, findings);
    }

    private bool Check(AuditHead head, List<AuditFinding> findings)
    {
        if (key.Verify(head))
            return true;
        findings.Add(new AuditFinding("badSignature", head.Seq, head.At, null, $"the head of {head.Day:yyyy-MM-dd} is not signed by this installation's key"));
        return false;
    }

    /// <returns>Entries that are not sealed yet.</returns>
    private async Task<long> WaitingAsync(List<AuditFinding> findings, CancellationToken cancellationToken)
    {
        await using var command = database.Command($"select {AuditEntry.Columns} from control.audit where seq is null order by id limit $1", PageSize);
        var waiting = await command.RowsAsync(AuditEntry.Read, cancellationToken);
        if (waiting.FirstOrDefault(e => e.At < time.GetUtcNow() - s_sealedWithin) is { } old)
            findings.Add(Of("unsealed", old, "it was not sealed: it may have been put in afterwards, or control could not seal"));
        return waiting.Count;
    }

    private static AuditFinding Of(string kind, AuditEntry entry, string message) =>
        new(kind, entry.Seq, entry.At, $"{entry.Actor} {entry.Action} {entry.Subject}", message);
}

/// <param name="Sealed">Entries in the chain.</param>
/// <param name="Waiting">Entries that are not in it yet.</param>
/// <param name="NewestAt">Of the newest one in it.</param>
internal sealed record AuditVerdict(long Sealed, long Waiting, DateTimeOffset? NewestAt, string KeyId, IReadOnlyList<AuditFinding> Findings);

/// <param name="Kind"><c>altered</c>, <c>missing</c>, <c>rewritten</c>, <c>badSignature</c>, <c>unsealed</c>.</param>
/// <param name="Seq">The place in the chain.</param>
/// <param name="Entry">Who did what to what, as it stands there now.</param>
internal sealed record AuditFinding(string Kind, long? Seq, DateTimeOffset? At, string? Entry, string Message);
