/** An operation to begin with. It runs as it is, without variables, so that a link can carry it. */
export interface ExampleOperation {
  name: string;
  /** What to look at once it has run. */
  story: string;
  query: string;
}

/** The story of the relay, in order; all but the first and the last for somebody who is signed in. */
export const EXAMPLE_OPERATIONS: readonly ExampleOperation[] = [
  {
    name: "ThisRelay",
    story: "The relay presents itself. Its keys sign receipts; none of them opens a thought.",
    query: `# Ctrl+Enter runs it.
# The other examples need a sign-in.
query ThisRelay {
  relay {
    softwareVersion
    protocolVersion
    time
    receiptKey
    limits {
      maxFriends
      accessTokenSeconds
    }
  }
}
`,
  },
  {
    name: "Feed",
    story: "Your friends’ thoughts: who and when, and a sealed text. Beside it, your keys open them.",
    query: `# Friends' thoughts, sealed:
# who and when, never what.
query Feed {
  feed(first: 10) {
    nodes {
      author {
        username
      }
      seq
      receivedAt
      withdrawn
      sealedText
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
`,
  },
  {
    name: "NewThoughts",
    story: "Stays open over a WebSocket. What a friend writes now is there at once, sealed for you.",
    query: `# Stays open: a friend's thought
# appears here as it is written.
subscription NewThoughts {
  thoughtCreated {
    author {
      username
    }
    seq
    receivedAt
    sealedText
  }
}
`,
  },
  {
    name: "MyThoughts",
    story: "Your own thoughts come back sealed too: this relay cannot read you either.",
    query: `# Your own thoughts, as the relay
# holds them.
query MyThoughts {
  viewer {
    user {
      username
      thoughts(first: 10) {
        nodes {
          seq
          writtenAt
          sealedText
        }
      }
    }
  }
}
`,
  },
  {
    name: "Viewer",
    story: "What the relay knows of you: your name, your devices, who your friends are.",
    query: `# You, and who you know.
query Viewer {
  viewer {
    user {
      id
      username
      createdAt
    }
    sessions {
      deviceName
      refreshedAt
      current
    }
    friends(first: 10) {
      nodes {
        state
        peer {
          username
        }
      }
    }
    head {
      seq
      epoch
    }
  }
}
`,
  },
  {
    name: "SealedKeys",
    story: "How keys travel: grants, each sealed to you and signed by the author. The relay only carries them.",
    query: `# Keys of your friends' epochs,
# each sealed to you alone.
query SealedKeys {
  grants(first: 10) {
    nodes {
      author
      epoch
      kind
      bytes
    }
  }
}
`,
  },
  {
    name: "Vault",
    story: "What brings everything back on another device: your own keys, sealed under your password.",
    query: `# Your keys and friend list, under a
# key that only your password opens.
query Vault {
  vault {
    version
    manifest
    items {
      item
      itemVersion
      sealed
    }
  }
}
`,
  },
  {
    name: "FindUsers",
    story: "User names are public, and so are cards. What somebody wrote is not.",
    query: `# User names that begin so.
query FindUsers {
  users(search: "a", first: 10) {
    nodes {
      id
      username
      createdAt
      friendship {
        state
      }
      thoughts(first: 1) {
        nodes {
          sealedText
        }
      }
    }
  }
}
`,
  },
  {
    name: "SetEmail",
    story: "A mutation without keys: be found by e-mail no longer. Those that sign something need a client.",
    query: `# Be found by e-mail no longer.
# To be found, send a hash.
mutation SetEmail {
  setEmail(input: { email: null }) {
    __typename
    ... on EmailSet {
      listedByEmail
    }
    ... on Refusal {
      code
      message
    }
  }
}
`,
  },
  {
    name: "KeyLog",
    story: "The public log of all identity cards: whoever wants to can check that everybody is shown the same ones.",
    query: `# The newest cards of this relay.
query KeyLog {
  keyLog {
    size
    checkpoint
    leaves(first: 5) {
      index
      nameHash
      cardHash
    }
  }
}
`,
  },
];
