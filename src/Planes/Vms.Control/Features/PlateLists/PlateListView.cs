using System.Text.Json;
using Npgsql;
using Vms.Control.Data;
using Vms.Control.Events;
using Vms.Control.Features.Events;
using Vms.Control.FrontDoor;
using Vms.Hosting;

namespace Vms.Control.Features.PlateLists;

/// <param name="Plate">Kept in capital letters and digits alone, as plates are compared, with * for any characters and ? for any one.</param>
internal sealed record PlateEntry(string? Plate, string? Note = null);

/// <param name="Name">By which rules name the list: <c>list:NAME</c>.</param>
internal sealed record PlateListRequest(string? Name = null, string? Note = null, IReadOnlyList<PlateEntry>? Entries = null);

/// <summary>Plates that rules ask for: residents, suppliers, unwanted.</summary>
internal sealed record PlateListView(string Id, string Name, string Note, IReadOnlyList<PlateEntry> Entries, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt) : IVersioned
{
    public const string Columns = "l.id, l.name, l.note, l.entries, l.created_at, l.updated_at";
    public const int MaxLists = 100;

    private const int MaxEntries = 10_000;
    private const int MaxName = 64;
    private const int MaxNote = 200;

    string IVersioned.Version => ItemVersion.Of(UpdatedAt);

    public static PlateListView Read(NpgsqlDataReader row) => new(
        row.GetString(0), row.GetString(1), row.GetString(2), JsonSerializer.Deserialize<List<PlateEntry>>(row.GetString(3), JsonSerializerOptions.Web)!, row.Time(4), row.Time(5));

    public static async Task<PlateListView?> FindAsync(NpgsqlConnection connection, string tenantId, string id, bool locked, CancellationToken cancellationToken)
    {
        await using var command = connection.Command($"select {Columns} from control.plate_list l where l.tenant_id = $1 and l.id = $2 {(locked ? "for update" : "")}", tenantId, id);
        return await command.FirstAsync(Read, cancellationToken);
    }

    /// <returns>As it is stored: plates normal, none twice, the later one counts.</returns>
    public static (string Name, string Note, string Entries) Check(PlateListRequest request, List<FieldProblem> problems)
    {
        var (name, note, entries) = (request.Name?.Trim() ?? "", request.Note?.Trim() ?? "", request.Entries ?? []);
        if (name.Length is 0 or > MaxName || name.Any(char.IsControl) || !EventText.IsStorable(name))
            problems.Add(new FieldProblem("name", name.Length == 0 ? "required" : "tooLong", $"Use 1 to {MaxName} printable characters"));
        if (note.Length > MaxNote || !EventText.IsStorable(note))
            problems.Add(new FieldProblem("note", "tooLong", $"Use at most {MaxNote} characters"));
        if (entries.Count > MaxEntries)
        {
            problems.Add(new FieldProblem("entries", "tooMany", $"Use at most {MaxEntries} plates"));
            return (name, note, "[]");
        }

        var kept = new Dictionary<string, PlateEntry>(StringComparer.Ordinal);
        for (var i = 0; i < entries.Count; i++)
        {
            var plate = PlatePattern.NormalPattern(entries[i]?.Plate ?? "");
            if (plate.Length > PlatePattern.MaxLength || !plate.Any(char.IsLetterOrDigit) || !EventText.IsStorable(plate))
                problems.Add(new FieldProblem($"entries[{i}].plate", "invalidValue", $"Use 1 to {PlatePattern.MaxLength} letters and digits; * stands for any characters beside them, ? for any one"));
            else if (entries[i].Note is { Length: > MaxNote } || !EventText.IsStorable(entries[i].Note))
                problems.Add(new FieldProblem($"entries[{i}].note", "tooLong", $"Use at most {MaxNote} characters"));
            else
                kept[plate] = new PlateEntry(plate, entries[i].Note);
        }

        return (name, note, JsonSerializer.Serialize(kept.Values, JsonSerializerOptions.Web));
    }
}
