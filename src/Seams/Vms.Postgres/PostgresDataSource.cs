using Npgsql;

namespace Vms.Postgres;

/// <summary>Opens the database the way every plane does: short time-outs, so that a dead server is an answer and not a hang.</summary>
public static class PostgresDataSource
{
    /// <summary>Creates a pooled data source; nothing connects yet.</summary>
    /// <param name="connectionString">Npgsql's key-value form; explicit settings in it win over ours.</param>
    /// <param name="applicationName">Shown in <c>pg_stat_activity</c>.</param>
    public static NpgsqlDataSource Create(string connectionString, string applicationName)
    {
        var defaults = new NpgsqlConnectionStringBuilder
        {
            Timeout = 3,
            CommandTimeout = 5,
            MaxPoolSize = 16,
            KeepAlive = 30,
            NoResetOnClose = true,      // no plane leaves session state behind: one exchange less per use
            ApplicationName = applicationName,
        };
        foreach (var pair in new NpgsqlConnectionStringBuilder(connectionString))
            defaults[pair.Key] = pair.Value;
        return NpgsqlDataSource.Create(defaults);
    }
}
