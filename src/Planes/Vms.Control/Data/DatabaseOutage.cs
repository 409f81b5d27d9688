using System.Net.Sockets;
using Npgsql;

namespace Vms.Control.Data;

/// <summary>Tells "the database is away or not set up yet" from a mistake of ours.</summary>
internal static class DatabaseOutage
{
    public static bool Is(Exception exception) => exception switch
    {
        // undefined_table, undefined_column, invalid_schema_name: the migrations have not run yet, or, after an update, not all. Class 57 is an operator's intervention (stop, restart).
        PostgresException e => e.IsTransient || e.SqlState is "42P01" or "42703" or "3F000" || e.SqlState.StartsWith("57", StringComparison.Ordinal),
        NpgsqlException => true,
        SocketException or TimeoutException => true,
        _ => false,
    };
}
