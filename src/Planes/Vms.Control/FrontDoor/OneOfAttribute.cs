using Vms.Control.Auth;

namespace Vms.Control.FrontDoor;

/// <summary>The words that a text, or each of a list of texts, can be. The API document lists them, so that generated clients know them by
/// type; what an operator sends is checked by the operation itself, which knows more to say about it.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal class OneOfAttribute(params string[] words) : Attribute
{
    public IReadOnlyList<string> Words => words;
}

/// <summary>Names of permissions.</summary>
internal sealed class NamesPermissionsAttribute() : OneOfAttribute([.. Permissions.All]);
