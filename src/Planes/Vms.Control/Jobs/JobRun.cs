using System.Text.Json;
using Npgsql;
using Vms.Control.Data;

namespace Vms.Control.Jobs;

/// <summary>One runner's hold on a job. One thread.</summary>
/// <param name="told">Called with what was noted, at most once a second and at the end of a step.</param>
internal sealed class JobRun(NpgsqlDataSource database, JobRow row, Guid owner, TimeProvider time, Action<JobRow> told)
{
    /// <summary>A tray that shows progress needs no more.</summary>
    private static readonly TimeSpan s_tellEvery = TimeSpan.FromSeconds(1);

    private DateTimeOffset _toldAt = DateTimeOffset.MinValue;

    /// <summary>As it was noted last.</summary>
    public JobRow Row { get; private set; } = row;

    /// <summary>Where the work goes on; null at the beginning.</summary>
    public T? CursorAs<T>() where T : class => Row.Cursor is null ? null : JsonSerializer.Deserialize<T>(Row.Cursor, JsonSerializerOptions.Web);

    /// <summary>Notes how far the work is: from here on it is tried as often again.</summary>
    /// <exception cref="JobLostException">The job is not this runner's any more.</exception>
    public async Task SaveAsync<T>(T cursor, long done, long? total, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await SaveAsync(connection, cursor, done, total, cancellationToken);
        Saved();
    }

    /// <summary>The same in a transaction together with the effect of the step: either both are there or neither, and no two runners do the same
    /// step. Call <see cref="Saved"/> after the commit.</summary>
    /// <exception cref="JobLostException">The job is not this runner's any more; roll back.</exception>
    public async Task SaveAsync<T>(NpgsqlConnection connection, T cursor, long done, long? total, CancellationToken cancellationToken)
    {
        var json = JsonSerializer.Serialize(cursor, JsonSerializerOptions.Web);
        var saved = await connection.ExecuteAsync(
            "update control.job set cursor = $3::jsonb, done = $4, total = $5, attempts = 1, error_code = null, error_detail = null where id = $1 and lease_owner = $2 and state = 'running'",
            [Row.Id, owner, json, done, total], cancellationToken);
        if (saved == 0)
            throw new JobLostException();
        Row = Row with { Cursor = json, Done = done, Total = total, ErrorCode = null, ErrorDetail = null };
    }

    public void Saved()
    {
        var now = time.GetUtcNow();
        if (now - _toldAt < s_tellEvery)
            return;
        _toldAt = now;
        told(Row);
    }
}
