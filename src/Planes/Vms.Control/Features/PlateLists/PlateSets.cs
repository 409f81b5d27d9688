using Npgsql;
using Vms.Control.Data;

namespace Vms.Control.Features.PlateLists;

/// <summary>The lists of plates of a tenant or of all, by their names, as they were when they were read. Immutable; any thread.</summary>
internal sealed class PlateSets
{
    private readonly Dictionary<(string TenantId, string Key), PlateSet> _sets;

    private PlateSets(IEnumerable<(string TenantId, string Name, string Entries)> lists) =>
        _sets = lists.GroupBy(l => (l.TenantId, KeyOf(l.Name)), l => l.Entries).ToDictionary(g => g.Key, g => PlateSet.Of(g));

    /// <summary>Two spellings are one list. The database knows only plain letters, and so may hold both: then the plates of either count.</summary>
    public static string KeyOf(string name) => name.Trim().ToLowerInvariant();

    /// <param name="tenantId">Null: of all.</param>
    public static async Task<PlateSets> ReadAsync(NpgsqlConnection connection, string? tenantId, CancellationToken cancellationToken)
    {
        await using var command = connection.Command("select tenant_id, name, entries from control.plate_list where $1::text is null or tenant_id = $1", tenantId);
        return new PlateSets(await command.RowsAsync(r => (r.GetString(0), r.GetString(1), r.GetString(2)), cancellationToken));
    }

    /// <returns>Null: there is no such list.</returns>
    public PlateSet? Of(string tenantId, string name) => _sets.GetValueOrDefault((tenantId, KeyOf(name)));
}
