namespace Vms.Postgres;

/// <summary>The database cannot be brought to the version this program needs; the message says why and what to do.</summary>
public sealed class MigrationException : Exception
{
    public MigrationException(string message) : base(message)
    {
    }

    public MigrationException(string message, Exception inner) : base(message, inner)
    {
    }
}
