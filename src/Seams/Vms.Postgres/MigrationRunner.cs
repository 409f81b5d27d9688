using System.Reflection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Vms.Postgres;

/// <summary>
/// Brings one schema to the version of this program: ordered scripts, one transaction each, an advisory lock so that several
/// planes may start at once, and a checksum so that an edited script is refused instead of silently skipped.
/// </summary>
public static partial class MigrationRunner
{
    /// <summary>Applies what is missing and returns the schema's version.</summary>
    /// <param name="dataSource">Borrowed.</param>
    /// <param name="schema">Created when missing; letters, digits and underscore.</param>
    /// <param name="scripts">The embedded scripts' assembly.</param>
    /// <exception cref="MigrationException">A script was changed after it ran, failed, or the database is newer than the program.</exception>
    /// <exception cref="NpgsqlException">The database is away: the caller retries.</exception>
    public static Task<int> RunAsync(
        NpgsqlDataSource dataSource, string schema, Assembly scripts, ILogger logger, CancellationToken cancellationToken) =>
        RunAsync(dataSource, schema, MigrationScript.FromAssembly(scripts), logger, cancellationToken);

    /// <inheritdoc cref="RunAsync(NpgsqlDataSource, string, Assembly, ILogger, CancellationToken)"/>
    public static async Task<int> RunAsync(
        NpgsqlDataSource dataSource, string schema, IReadOnlyList<MigrationScript> scripts, ILogger logger, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(dataSource);
        ArgumentNullException.ThrowIfNull(scripts);
        if (schema.Length == 0 || !schema.All(c => char.IsAsciiLetterOrDigit(c) || c == '_'))
            throw new ArgumentException("letters, digits and underscore only", nameof(schema));

        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await ExecuteAsync(connection, $"select pg_advisory_lock(hashtext('vms.migration.{schema}'))", cancellationToken, waitSeconds: 120);
        try
        {
            await ExecuteAsync(connection, $"""
                create schema if not exists {schema};
                create table if not exists {schema}.schema_version(
                    version int primary key, name text not null, checksum text not null, applied_at timestamptz not null default now());
                """, cancellationToken);

            var applied = await ReadAppliedAsync(connection, schema, cancellationToken);
            if (applied.Count > scripts.Count)
                throw new MigrationException(
                    $"schema {schema} is at version {applied.Count}, this program knows {scripts.Count}: start the newer program or restore a backup");

            for (var i = 0; i < applied.Count; i++)
            {
                if (applied[i] != scripts[i].Checksum)
                    throw new MigrationException(
                        $"script {scripts[i].Version:0000}_{scripts[i].Name} of schema {schema} was changed after it ran; a change needs a new script");
            }

            foreach (var script in scripts.Skip(applied.Count))
            {
                Log.Applying(logger, schema, script.Version, script.Name);
                await ApplyAsync(connection, schema, script, cancellationToken);
                Log.Applied(logger, schema, script.Version, script.Name);
            }

            return scripts.Count;
        }
        finally
        {
            // The lock belongs to the connection: a broken one has released it already.
            if (connection.State == System.Data.ConnectionState.Open)
                await ExecuteAsync(connection, $"select pg_advisory_unlock(hashtext('vms.migration.{schema}'))", CancellationToken.None);
        }
    }

    private static async Task ApplyAsync(NpgsqlConnection connection, string schema, MigrationScript script, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        try
        {
            // As long as it takes: one that is given up begins again at the next start, and never gets further on a large table.
            await ExecuteAsync(connection, script.Sql, cancellationToken, waitSeconds: 0);
            await using var insert = new NpgsqlCommand(
                $"insert into {schema}.schema_version(version, name, checksum) values($1, $2, $3)", connection);
            insert.Parameters.AddWithValue(script.Version);
            insert.Parameters.AddWithValue(script.Name);
            insert.Parameters.AddWithValue(script.Checksum);
            await insert.ExecuteNonQueryAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
        catch (PostgresException e)
        {
            throw new MigrationException($"script {script.Version:0000}_{script.Name} of schema {schema} failed: {e.MessageText}", e);
        }
    }

    private static async Task<List<string>> ReadAppliedAsync(NpgsqlConnection connection, string schema, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand($"select checksum from {schema}.schema_version order by version", connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var checksums = new List<string>();
        while (await reader.ReadAsync(cancellationToken))
            checksums.Add(reader.GetString(0));
        return checksums;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken, int? waitSeconds = null)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        if (waitSeconds is { } seconds)
            command.CommandTimeout = seconds;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static partial class Log
    {
        [LoggerMessage(6300, LogLevel.Information, "Schema {Schema}: applied migration {Version:0000} {Name}")]
        public static partial void Applied(ILogger logger, string schema, int version, string name);

        [LoggerMessage(6301, LogLevel.Information, "Schema {Schema}: applying migration {Version:0000} {Name}; with many rows it may take long, do not stop it")]
        public static partial void Applying(ILogger logger, string schema, int version, string name);
    }
}
